package grade

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestStoryHasOnlyWhatIsForPeople: an event without a text is for programs. It is neither a line of the story, nor the step at
// which a grading was ended.
func TestStoryHasOnlyWhatIsForPeople(t *testing.T) {
	var r Result
	r.tell(`=== ATTR  TestServe story {"at_ns":1000000,"lane":"story","kind":"step","text":"hosts vanish"}
=== ATTR  TestServe story {"at_ns":2000000,"lane":"story","kind":"struck","text":"","failure":"vanished peer"}
=== ATTR  TestServe story {"at_ns":3000000,"lane":"wire","kind":"segment","text":"SYN"}
`, "none")
	assert.Len(t, r.StoryLines(), 1)
	assert.Equal(t, "hosts vanish", r.lastStep())
}
