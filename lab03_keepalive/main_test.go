package lab03_keepalive

import (
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
