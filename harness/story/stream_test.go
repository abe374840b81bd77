package story_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
)

func TestEventSurvivesItsAttributes(t *testing.T) {
	segment := story.Segment{At: 2 * time.Second, Connection: 2, Client: "[::1]:1", Server: "[::1]:2", From: story.Server, Meaning: story.RST, Unheard: true}
	for _, want := range []story.Event{
		{At: 301234567, Lane: story.Client, Kind: story.Outcome, Text: "Read: i/o timeout", Error: "i/o timeout"},
		{Lane: story.Story, Kind: story.Took, Span: &story.Span{Took: 301 * time.Millisecond, Least: 300 * time.Millisecond}},
		{Lane: story.Story, Kind: story.Table, Sockets: &story.Sockets{Address: "127.0.0.1:80", Entries: []string{"LISTEN"}}},
		{At: 2 * time.Second, Lane: story.Wire, Kind: story.Sent, Text: segment.String(), Segment: &segment},
		{Lane: story.Server, Kind: story.Outcome, Text: "says \"=== ATTR x y\"\n and\tmore "},
		{Lane: story.Story, Kind: story.Step, Text: strings.Repeat("a long story  ", 2000)},
		{Lane: story.Story, Kind: story.Step, Text: strings.Repeat(" ", 9000)[:2000] + strings.Repeat("é", 9000)},
	} {
		var d story.Decoder
		attributes := want.Encode()
		for i, a := range attributes {
			// go tool test2json parses an attribute from a line like this, and cuts the line at 4 KiB.
			line := strings.TrimSpace("=== ATTR  TestX " + a[0] + " " + a[1])
			assert.Less(t, len(line), 4096)
			assert.NotContains(t, line, "\n")
			got, done, err := d.Attribute(a[0], strings.TrimSpace(a[1]))
			require.NoError(t, err)
			require.Equal(t, i == len(attributes)-1, done)
			if done {
				assert.Empty(t, cmp.Diff(want, got), "the event (-want +got)")
			}
		}
	}
}

func TestOtherAttributesAreNoEvents(t *testing.T) {
	var d story.Decoder
	_, done, err := d.Attribute("outcome", "served")
	assert.False(t, done)
	assert.NoError(t, err)
	_, _, err = d.Attribute(story.AttrKey, "no JSON")
	assert.ErrorContains(t, err, "story: ")
}
