package grading_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/grading/task"
)

const someTasks = `// Package exercise is yours.
//
//   - it-returns: It returns.
//   - no-panic: It doesn't panic,
//     whatever happens.
package exercise

// SendAll sends.
//
//   - sends-all: All is sent,
//     in order: nothing is lost.
//   - not one: This has no name.
//   - counts: It counts.
//
// A word in the end.
func SendAll() {}

// Conn is a type.
//
//   - times-out: A read times out.
type Conn struct{}

// Read belongs to it.
//
//   - other: Of a method.
func (c *Conn) Read() {}

type (
	// Grouped is one of two.
	//
	//   - in-group: It is found, too.
	Grouped struct{}
)
`

func TestSentencesOfTasks(t *testing.T) {
	for exercise, want := range map[string][]task.Sentence{
		"SendAll": {{ID: "sends-all", Text: "All is sent, in order: nothing is lost."}, {ID: "counts", Text: "It counts."}},
		"Conn":    {{ID: "times-out", Text: "A read times out."}},
		"Grouped": {{ID: "in-group", Text: "It is found, too."}},
		"Read":    nil,
		"Nothing": nil,
	} {
		own, general := task.Of(someTasks, exercise)
		assert.Empty(t, cmp.Diff(want, own), "%s (-want +got)", exercise)
		assert.Equal(t, []task.Sentence{{ID: "it-returns", Text: "It returns."}, {ID: "no-panic", Text: "It doesn't panic, whatever happens."}}, general)
	}
}

func TestWhatIsNoSourceHasNoTask(t *testing.T) {
	own, general := task.Of("no Go", "SendAll")
	assert.Empty(t, own)
	assert.Empty(t, general)
	own, _ = task.Of(someTasks+"\nfunc broken( {", "SendAll")
	assert.Len(t, own, 2, "the sentences of the part that parses")
}
