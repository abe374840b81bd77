package worksheet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What a student has written comes without the task, which is longer than most solutions.
func TestOwnIsWithoutTheTask(t *testing.T) {
	const text = `package exercise

// Conn is the task.
type Conn struct{ n int }

// Read is the student's.
func (c *Conn) Read() int { return c.n }

// Other is another exercise.
func Other() {}
`
	assert.Equal(t, "type Conn struct{ n int }\n\n// Read is the student's.\nfunc (c *Conn) Read() int { return c.n }", string(Own([]byte(text), "Conn")))
	assert.Equal(t, "func Other() {}", string(Own([]byte(text), "Other")))
	assert.Equal(t, "Conn is the task.\n", Task([]byte(text), "Conn"))
}
