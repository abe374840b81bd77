//go:build unix

package grading

import (
	"errors"
	"os"

	"socketlabs/harness/grading/student"
)

// Give passes a descriptor from the student's process to the grader.
func Give(fd int) error { return student.Give(fromGrader, fd) }

// Take returns the descriptor that the driver has given, as a file. Call it after [Give] has returned.
func (g *Grader) Take() (*os.File, error) {
	file, err := g.student.Take()
	if left := new(student.Left); errors.As(err, &left) {
		return g.fetch(left)
	}
	return file, err
}
