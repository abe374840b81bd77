package grading

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/grading/student"
)

func TestConnectionThatIsNotThereReadsNothing(t *testing.T) {
	asked := student.Encode(connCall{Number: 7, Method: "Read", Most: 1})
	assert.Zero(t, new(table).carryOut(asked).N)
}
