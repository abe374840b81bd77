package lab04_compare

import (
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
