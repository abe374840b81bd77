package lab02_reuseaddr

import (
	"testing"

	"socketlabs/harness"
	"socketlabs/harness/wire"
)

func TestMain(m *testing.M) { harness.Main(m, wire.Watch) }
