package story_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
)

func TestEventIsOneAlignedLine(t *testing.T) {
	lines := []string{
		story.Event{At: 301 * time.Millisecond, Lane: story.Client, Text: "Read: i/o timeout"}.String(),
		story.Event{At: 2*time.Hour + 11*time.Minute, Lane: story.Story, Text: "the peer is gone"}.String(),
	}
	want := []string{
		"   0.301 s  client  Read: i/o timeout",
		"7860.000 s  story   the peer is gone",
	}
	assert.Empty(t, cmp.Diff(want, lines), "the lines (-want +got)")
}

func TestEventsKeepTheOrderOfTheClock(t *testing.T) {
	log := story.NewLog("TestX")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { log.Add(story.Event{Lane: story.Server, Kind: story.Outcome, Text: "accepted"}) })
	}
	all.Wait()

	events := log.Record("pass").Events
	require.Len(t, events, 50)
	for i := 1; i < len(events); i++ {
		assert.GreaterOrEqual(t, events[i].At, events[i-1].At)
	}
}

func TestRecordSurvivesJSON(t *testing.T) {
	log := story.NewLog("TestX/a_case")
	log.Add(story.Event{Lane: story.Story, Kind: story.Step, Text: "the client says <hello> & waits"})
	log.AddSegment(time.Now(), story.Segment{
		Connection: 1, Client: "127.0.0.1:40001", Server: "127.0.0.1:50001", From: story.Client,
		Flags: ".", Seq: 5, Ack: 1, Window: 512, Meaning: story.KeepaliveProbe, Unheard: true,
	})
	want := log.Record("pass")

	var file bytes.Buffer
	require.NoError(t, want.WriteJSON(&file))
	got, err := story.ReadJSON(&file)

	require.NoError(t, err)
	want.Began = want.Began.Round(0) // a file keeps the wall clock only
	assert.Empty(t, cmp.Diff(want, got), "the record (-want +got)")
}

func TestReadSaysWhatIsNoRecord(t *testing.T) {
	for text, want := range map[string]string{
		"not JSON": "story: read: ",
		`{"events": [{"at_ns": 9223372036854775807}]}`:           "not a time of an experiment",
		`{"events": [{"at_ns": -1}]}`:                            "not a time of an experiment",
		`{"events": [{"at_ns": 2}, {"at_ns": 1}]}`:               "an event at 0.001 µs, after one at 0.002 µs",
		`{"events": [` + strings.Repeat("{}, ", 10_000) + `{}]}`: "there are 10001 events, and should be 10000 at most",
	} {
		_, err := story.ReadJSON(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
}

// The log learns of a segment a little after it was sent, and puts it where it belongs in time.
func TestSegmentStandsWhereItWasSent(t *testing.T) {
	log := story.NewLog("TestX")
	log.Add(story.Event{Lane: story.Story, Kind: story.Step, Text: "before"})
	sent := time.Now()
	after := log.Add(story.Event{Lane: story.Story, Kind: story.Step, Text: "after"})
	log.AddSegment(sent, story.Segment{Meaning: story.RST, Flags: "R"})

	var order []story.Kind
	for _, e := range log.Untaken(after) {
		order = append(order, e.Kind)
	}
	assert.Equal(t, []story.Kind{story.Step, story.Sent, story.Step}, order)
	assert.Empty(t, log.Untaken(after), "all should have been taken")
}

func TestUntakenLeavesWhatCameLater(t *testing.T) {
	log := story.NewLog("TestX")
	first := log.Add(story.Event{Lane: story.Story, Kind: story.Step, Text: "first"})
	second := log.Add(story.Event{Lane: story.Story, Kind: story.Step, Text: "second"})
	assert.Len(t, log.Untaken(first), 1)
	assert.Len(t, log.Untaken(second), 1)
}
