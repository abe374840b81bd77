package grade

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/story"
)

// An event without text, which is for programs, is no step: it would be an empty line.
func TestStoryIsWhatPeopleRead(t *testing.T) {
	var printed strings.Builder
	for _, e := range []story.Event{
		{Lane: story.Story, Kind: story.Step, Text: "the server is silent"},
		{Lane: story.Story, Kind: story.Struck, Failure: story.SilentPeer},
		{Lane: story.Wire, Kind: story.Sent, Text: "a segment"},
		{Lane: story.Client, Kind: story.Outcome, Text: "Read: a timeout"},
	} {
		for _, attribute := range e.Encode() {
			fmt.Fprintf(&printed, "=== ATTR  TestX %s %s\n", attribute[0], attribute[1])
		}
	}
	var r Result
	r.tell(printed.String(), "key")
	var texts []string
	for _, e := range r.Story {
		texts = append(texts, e.Text)
	}
	assert.Equal(t, []string{"the server is silent", "Read: a timeout"}, texts)
	assert.Equal(t, "the server is silent", r.lastStep())
}
