//go:build unix && !linux

package grading

import (
	"os"

	"socketlabs/harness/grading/student"
)

// fetch fails: only on Linux is a descriptor left in the student's process.
func (g *Grader) fetch(left *student.Left) (*os.File, error) { return nil, left }
