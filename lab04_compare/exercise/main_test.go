package exercise_test

import (
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
