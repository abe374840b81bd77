//go:build unix

package grading

import (
	"os"

	"socketlabs/harness/grading/student"
)

// Give hands a descriptor over to the grader, from the student's process.
func Give(fd int) error { return student.Give(fromGrader, fd) }

// Take is the descriptor that the driver has given, as a file of the grader's. It is taken when [Give] has returned.
func (g *Grader) Take() (*os.File, error) { return g.student.Take() }
