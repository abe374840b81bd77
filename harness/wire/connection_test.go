package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// The initial sequence numbers are just below 2^32, so that later ones wrap around.
const (
	clientISN = 1<<32 - 2
	serverISN = 1<<32 - 1000
	open      = 512 // a window on the wire, before it is scaled
)

// handshake opens a connection; both sides scale their windows by 2^7.
var handshake = []segment{
	{flags: "S", seq: 0, window: 65495, scale: 7},
	{server: true, flags: "S.", seq: 0, ack: 1, window: 65483, scale: 7},
	{flags: ".", seq: 1, ack: 1, window: open},
}

func TestSegmentsGetMeanings(t *testing.T) {
	for _, line := range []struct {
		name     string
		segments []segment // after the handshake
		want     []story.Meaning
	}{
		{"data, acknowledged", []segment{
			{flags: "P.", seq: 1, ack: 1, window: open, data: 5},
			{server: true, flags: ".", seq: 1, ack: 6, window: open},
		}, []story.Meaning{story.Data, story.ACK}},

		{"a probe of an idle connection, answered", []segment{
			{flags: ".", seq: 0, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 1, window: open},
		}, []story.Meaning{story.KeepaliveProbe, story.ProbeAnswer}},

		{"a probe after data", []segment{
			{flags: "P.", seq: 1, ack: 1, window: open, data: 5},
			{server: true, flags: ".", seq: 1, ack: 6, window: open},
			{flags: ".", seq: 5, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 6, window: open},
		}, []story.Meaning{story.Data, story.ACK, story.KeepaliveProbe, story.ProbeAnswer}},

		{"the server probes", []segment{
			{server: true, flags: ".", seq: 0, ack: 1, window: open},
			{flags: ".", seq: 1, ack: 1, window: open},
		}, []story.Meaning{story.KeepaliveProbe, story.ProbeAnswer}},

		{"both probe at once", []segment{
			{flags: ".", seq: 0, ack: 1, window: open},
			{server: true, flags: ".", seq: 0, ack: 1, window: open},
			{flags: ".", seq: 1, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 1, window: open},
		}, []story.Meaning{story.KeepaliveProbe, story.KeepaliveProbe, story.ProbeAnswer, story.ProbeAnswer}},

		{"a probe answered by a reset", []segment{
			{flags: ".", seq: 0, ack: 1, window: open},
			{server: true, flags: "R", seq: 1},
		}, []story.Meaning{story.KeepaliveProbe, story.RST}},

		{"a probe that a vanished host does not answer, and data once it is back", []segment{
			{flags: ".", seq: 0, ack: 1, window: open, unheard: true},
			{flags: ".", seq: 0, ack: 1, window: open, unheard: true},
			{server: true, flags: ".", seq: 1, ack: 1, window: open},
		}, []story.Meaning{story.KeepaliveProbe, story.KeepaliveProbe, story.ACK}},

		{"data sent again", []segment{
			{flags: "P.", seq: 1, ack: 1, window: open, data: 5},
			{flags: "P.", seq: 1, ack: 1, window: open, data: 5},
		}, []story.Meaning{story.Data, story.Retransmission}},

		{"a window closes, is probed, and opens", []segment{
			{flags: "P.", seq: 1, ack: 1, window: open, data: 1000},
			{server: true, flags: ".", seq: 1, ack: 1001, window: 0},
			{flags: ".", seq: 1000, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 1001, window: 0},
			{flags: ".", seq: 1000, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 1001, window: open},
		}, []story.Meaning{story.Data, story.ZeroWindow, story.WindowProbe, story.ProbeAnswer,
			story.WindowProbe, story.WindowUpdate}},

		{"a goodbye, sent again", []segment{
			{flags: "F.", seq: 1, ack: 1, window: open},
			{flags: "F.", seq: 1, ack: 1, window: open},
			{server: true, flags: ".", seq: 1, ack: 2, window: open},
		}, []story.Meaning{story.FIN, story.Retransmission, story.ACK}},
	} {
		t.Run(line.name, func(t *testing.T) {
			got := meanings(read(t, frames(t, "127.0.0.1", append(handshake, line.segments...))))
			want := append([]story.Meaning{story.SYN, story.SYNACK, story.ACK}, line.want...)
			assert.Empty(t, cmp.Diff(want, got), "the meanings (-want +got)")
		})
	}
}

func TestNumbersAreRelative(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			got := read(t, frames(t, host, append(handshake,
				segment{flags: "P.", seq: 1, ack: 1, window: open, data: 5},
				segment{server: true, flags: ".", seq: 1, ack: 6, window: open},
				segment{flags: ".", seq: 5, ack: 1, window: open, unheard: true},
			)))
			client, server := address(host, clientPort), address(host, serverPort)
			both := story.Segment{Connection: 1, Client: client, Server: server}
			want := []story.Segment{
				with(both, story.Client, "S", 0, 0, 0, 65495, story.SYN),
				with(both, story.Server, "S.", 0, 1, 0, 65483, story.SYNACK),
				with(both, story.Client, ".", 1, 1, 0, open<<7, story.ACK),
				with(both, story.Client, "P.", 1, 1, 5, open<<7, story.Data),
				with(both, story.Server, ".", 1, 6, 0, open<<7, story.ACK),
				with(both, story.Client, ".", 5, 1, 0, open<<7, story.KeepaliveProbe),
			}
			want[5].Unheard = true
			assert.Empty(t, cmp.Diff(want, got), "the segments (-want +got)")
		})
	}
}

func with(s story.Segment, from story.Lane, flags string, seq, ack uint32, length, window int, meaning story.Meaning) story.Segment {
	s.From, s.Flags, s.Seq, s.Ack, s.Length, s.Window, s.Meaning = from, flags, seq, ack, length, window, meaning
	return s
}

func TestRefusedConnectionIsSYNAndRST(t *testing.T) {
	got := read(t, frames(t, "127.0.0.1", []segment{
		{flags: "S", seq: 0, window: 65495, scale: 7},
		{flags: "S", seq: 0, window: 65495, scale: 7},
		{server: true, flags: "R.", seq: 0, ack: 1},
	}))
	assert.Equal(t, []story.Meaning{story.SYN, story.Retransmission, story.RST}, meanings(got))
	assert.EqualValues(t, 1, got[2].Ack)
}

func TestSYNWithAnotherNumberBeginsAnotherConnection(t *testing.T) {
	first := frames(t, "127.0.0.1", handshake)
	second := frames(t, "127.0.0.1", []segment{{flags: "S", seq: 70000, window: 65495, scale: 7}})
	got := read(t, append(first, second...))
	assert.Equal(t, 1, got[2].Connection)
	assert.Equal(t, 2, got[3].Connection)
	assert.Equal(t, story.SYN, got[3].Meaning)
	assert.Zero(t, got[3].Seq)
}

// A capture may begin in the middle of a connection.
func TestConnectionWithoutItsBeginningIsReadAllTheSame(t *testing.T) {
	got := read(t, frames(t, "127.0.0.1", []segment{
		{flags: "P.", seq: 1001, ack: 2001, window: open, data: 5},
		{server: true, flags: ".", seq: 2001, ack: 1006, window: open},
		{flags: ".", seq: 1005, ack: 2001, window: open},
	}))
	assert.Equal(t, []story.Meaning{story.Data, story.ACK, story.KeepaliveProbe}, meanings(got))
	assert.EqualValues(t, 5, got[2].Seq, "the number should count from the first segment that was seen")
	assert.Equal(t, open, got[0].Window, "the window should not be scaled: nobody knows the scale")
}

func TestFrameThatIsNoSegmentIsAnError(t *testing.T) {
	for name, data := range map[string][]byte{
		"cut short":  {1, 2, 3},
		"not IP":     {12: 0x08, 13: 0x06, 59: 0},
		"IP, no TCP": {12: 0x08, 13: 0x00, 14: 0x45, 17: 20, 33: 0},
	} {
		_, err := wire.ReadHeader(data)
		assert.ErrorContains(t, err, "wire: ", name)
	}
}

func TestTextOfSegmentFitsItsColumns(t *testing.T) {
	segments := read(t, frames(t, "::1", append(handshake,
		segment{flags: "P.", seq: 1, ack: 1, window: open, data: 1},
		segment{server: true, flags: ".", seq: 1, ack: 2, window: 0},
		segment{flags: ".", seq: 1, ack: 1, window: open, unheard: true},
		segment{server: true, flags: "R", seq: 1},
	)))
	var got []string
	for _, s := range segments {
		got = append(got, s.String())
	}
	want := []string{
		"client → server  SYN                port 40001 → port 50001",
		"server → client  SYN-ACK            seq 0, ack 1",
		"client → server  ACK                seq 1, ack 1",
		"client → server  data               seq 1, ack 1, 1 byte",
		"server → client  zero window        seq 1, ack 2, window 0",
		"client → server  window probe       seq 1 (one back), no data; not heard",
		"server → client  RST                seq 1",
	}
	assert.Empty(t, cmp.Diff(want, got), "the lines (-want +got)")
}

func read(t *testing.T, frames []captured) (segments []story.Segment) {
	unheard := false
	reader := wire.Reader{Unheard: func(wire.Frame) bool { return unheard }}
	for _, f := range frames {
		unheard = f.unheard
		segments = append(segments, reader.Read(f.Frame))
	}
	return segments
}

func meanings(segments []story.Segment) (meanings []story.Meaning) {
	for _, s := range segments {
		meanings = append(meanings, s.Meaning)
	}
	return meanings
}
