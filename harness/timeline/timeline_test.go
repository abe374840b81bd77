package timeline_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/timeline"
)

func TestEventIsOneAlignedLine(t *testing.T) {
	lines := []string{
		timeline.Event{At: 301 * time.Millisecond, Lane: timeline.Client, Text: "Read: i/o timeout"}.String(),
		timeline.Event{At: 2*time.Hour + 11*time.Minute, Lane: timeline.Story, Text: "the peer is gone"}.String(),
	}
	want := []string{
		"   0.301 s  client  Read: i/o timeout",
		"7860.000 s  story   the peer is gone",
	}
	assert.Empty(t, cmp.Diff(want, lines), "(-want +got)")
}

func TestEventsKeepTheOrderOfTheClock(t *testing.T) {
	tl := timeline.New("TestX")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { tl.Add(timeline.Server, timeline.Outcome, "accepted") })
	}
	all.Wait()

	events := tl.From(0)
	require.Len(t, events, 50)
	for i := 1; i < len(events); i++ {
		assert.GreaterOrEqual(t, events[i].At, events[i-1].At)
	}
	assert.Len(t, tl.From(48), 2)
}

func TestRecordSurvivesJSON(t *testing.T) {
	tl := timeline.New("TestX/a_case")
	tl.Add(timeline.Story, timeline.Step, "the client says <hello> & waits")
	tl.AddSegment(time.Now(), timeline.Segment{
		Connection: 1, Client: "127.0.0.1:40001", Server: "127.0.0.1:50001", From: timeline.Client,
		Flags: ".", Seq: 5, Ack: 1, Window: 512, Meaning: timeline.KeepaliveProbe, Unheard: true,
	})
	want := tl.Record("pass")

	var file bytes.Buffer
	require.NoError(t, want.WriteJSON(&file))
	got, err := timeline.ReadJSON(&file)

	require.NoError(t, err)
	want.Began = want.Began.Round(0) // a file keeps the wall clock only
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestReadSaysWhatIsNotATimeline(t *testing.T) {
	_, err := timeline.ReadJSON(strings.NewReader("not JSON"))
	assert.ErrorContains(t, err, "timeline: read: ")
}

// A segment becomes known a little after it was sent, and is put in its place.
func TestSegmentStandsWhereItWasSent(t *testing.T) {
	tl := timeline.New("TestX")
	tl.Add(timeline.Story, timeline.Step, "before")
	sent := time.Now()
	after := tl.Add(timeline.Story, timeline.Step, "after")
	tl.AddSegment(sent, timeline.Segment{Meaning: timeline.RST, Flags: "R"})

	var order []timeline.Kind
	for _, e := range tl.Untaken(after) {
		order = append(order, e.Kind)
	}
	assert.Equal(t, []timeline.Kind{timeline.Step, timeline.Sent, timeline.Step}, order)
	assert.Empty(t, tl.Untaken(after), "all were taken")
}

func TestUntakenLeavesWhatCameLater(t *testing.T) {
	tl := timeline.New("TestX")
	first := tl.Add(timeline.Story, timeline.Step, "first")
	second := tl.Add(timeline.Story, timeline.Step, "second")
	assert.Len(t, tl.Untaken(first), 1)
	assert.Len(t, tl.Untaken(second), 1)
}
