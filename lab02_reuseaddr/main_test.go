package lab02_reuseaddr

import (
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
