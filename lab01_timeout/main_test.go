package lab01_timeout

import (
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
