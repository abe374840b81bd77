package story_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/story"
)

func step(text string) story.Event {
	return story.Event{Lane: story.Story, Kind: story.Step, Text: text}
}

func segment(connection int, meaning story.Meaning, length int) story.Event {
	s := story.Segment{Connection: connection, From: story.Client, Flags: ".", Seq: 1, Ack: 1, Length: length, Window: 512, Meaning: meaning}
	return story.Event{Lane: story.Wire, Kind: story.Sent, Text: s.String(), Segment: &s}
}

func TestSecondConnectionHasWireOfItsOwn(t *testing.T) {
	var p story.Printer
	got := p.Lines([]story.Event{segment(1, story.Data, 5), segment(2, story.RST, 0)}, true)
	want := []string{
		"   0.000 s  wire    client → server  data               seq 1, ack 1, 5 bytes",
		"   0.000 s  wire 2  client → server  RST                seq 1, ack 1",
	}
	assert.Empty(t, cmp.Diff(want, got), "the lines (-want +got)")
}

func TestLongRunOfDataIsCounted(t *testing.T) {
	var events []story.Event
	for range 10 {
		events = append(events, segment(2, story.Data, 1000), segment(2, story.ACK, 0))
	}
	events[19].At = 50 * time.Millisecond
	events = append(events, step("the client waits"))

	var p story.Printer
	got := p.Lines(events, false)
	assert.Len(t, got, 6+1+1, "lines: the first segments, the count, the step")
	assert.Equal(t, "   0.050 s  wire    … 14 more segments: 7 × data, 7 × ACK; 7000 bytes", got[6])
	assert.Equal(t, "   0.000 s  story   the client waits", got[7])
	assert.Len(t, p.Lines(events[:2], true), 2, "after the step a new run should begin")
}

// A segment with a special meaning is shown, even after a long run of segments that only carry data.
func TestSegmentWithMeaningEndsRunOfData(t *testing.T) {
	var events []story.Event
	for range 10 {
		events = append(events, segment(1, story.Data, 1000))
	}
	events = append(events, segment(1, story.ZeroWindow, 0))
	var p story.Printer
	got := p.Lines(events, true)
	assert.Len(t, got, 6+1+1)
	assert.Contains(t, got[7], "zero window")
}

func TestManyConnectionsAreCounted(t *testing.T) {
	var events []story.Event
	for i := range 100 {
		events = append(events, segment(i+1, story.SYN, 0), segment(i+1, story.SYNACK, 0), segment(i+1, story.ACK, 0))
	}
	var p story.Printer
	shown := p.Lines(events, false)
	assert.Less(t, len(shown), 40)
	held := p.Lines(nil, true)
	assert.Len(t, held, 1, "at the end should come the count of the segments that were held")
	assert.Contains(t, held[0], "× SYN-ACK")
}

// The probes of a connection that dies slowly are all shown: the last ones matter most.
func TestSilenceEndsRun(t *testing.T) {
	var events []story.Event
	for i := range 100 {
		probe := segment(1, story.KeepaliveProbe, 0)
		probe.At = time.Duration(i) * 15 * time.Second
		events = append(events, probe)
	}
	assert.Equal(t, events, story.Short(events))
}

// Only the first of many connections are shown, even if something else happens in between.
func TestCrowdIsCounted(t *testing.T) {
	var events []story.Event
	for i := range 100 {
		events = append(events, segment(i+1, story.SYN, 0), segment(i+1, story.SYNACK, 0))
		if i%10 == 9 {
			events = append(events, step("ten more"))
		}
	}
	assert.Len(t, story.Short(events), 8*2+10+10, "the segments of eight, ten counts, ten steps")
}

func TestWhatHasNoTextIsForPrograms(t *testing.T) {
	struck := story.Event{At: time.Second, Lane: story.Story, Kind: story.Struck, Failure: story.VanishedPeer}
	events := []story.Event{step("the peer vanishes"), struck, step("the client waits")}
	events[2].At = 2 * time.Second
	assert.Equal(t, []story.Event{events[0], events[2]}, story.Short(events))
}
