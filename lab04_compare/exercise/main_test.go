package exercise_test

import (
	_ "embed"
	"testing"

	"socketlabs/harness/grading"
)

//go:embed exercise.go
var tasks string

// The graders of this lab capture no segments: Serve sends so many that the story would be too long.
func TestMain(m *testing.M) { grading.Main(m, nil, tasks) }
