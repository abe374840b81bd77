package exercise_test

import (
	_ "embed"
	"testing"

	"socketlabs/harness/grading"
)

//go:embed exercise.go
var tasks string

// Nobody looks at the wire here: the story of all that Serve sends would be too long.
func TestMain(m *testing.M) { grading.Main(m, nil, tasks) }
