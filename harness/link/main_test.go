package link_test

import (
	"testing"

	"socketlabs/harness/internal/child"
)

func TestMain(m *testing.M) { child.Main(m) }
