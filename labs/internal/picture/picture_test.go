package picture

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
)

const hostile = `</text></svg><script>alert("1")</script>&amp; ` + "\x00\x1b[31m\xff"

// element is an element of a picture, with its attributes and the text directly in it.
type element struct {
	name       string
	attributes map[string]string
	text       string
}

func (e element) is(class string) bool {
	return strings.Contains(" "+e.attributes["class"]+" ", " "+class+" ")
}

func elementsOf(t *testing.T, picture string) (elements []*element) {
	t.Helper()
	var open []*element
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		require.NoError(t, err, "a picture should be well-formed:\n%s", picture)
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: make(map[string]string)}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			elements, open = append(elements, e), append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(token)
			}
		}
	}
}

func count(elements []*element, class string) (n int) {
	for _, e := range elements {
		if e.is(class) {
			n++
		}
	}
	return n
}

func event(at time.Duration, lane story.Lane, kind story.Kind, text string) story.Event {
	return story.Event{At: at, Lane: lane, Kind: kind, Text: text}
}

func call(at time.Duration, lane story.Lane, kind story.Kind, what string) story.Event {
	return story.Event{At: at, Lane: lane, Kind: kind, Text: what, Call: what}
}

func segment(at time.Duration, meaning story.Meaning, unheard bool) story.Event {
	s := story.Segment{Connection: 1, Client: "127.0.0.1:1", Server: "127.0.0.1:2", From: story.Client, Flags: ".", Meaning: meaning, Unheard: unheard}
	return story.Event{At: at, Lane: story.Wire, Kind: story.Sent, Text: s.String(), Segment: &s}
}

func draw(t *testing.T, events ...story.Event) []*element {
	t.Helper()
	return elementsOf(t, Draw("a story", story.Record{Events: events}))
}

func TestSegmentThatNobodyHearsEndsInCross(t *testing.T) {
	elements := draw(t, segment(0, story.SYN, false), segment(time.Second, story.KeepaliveProbe, true))
	assert.Equal(t, 2, count(elements, "shaft"))
	assert.Equal(t, 1, count(elements, "tip"))
	assert.Equal(t, 1, count(elements, "cross"))
}

func TestCallThatWaitsIsBarUntilItReturns(t *testing.T) {
	begins := call(0, story.Client, story.Began, "Read")
	still := call(time.Second, story.Client, story.Waiting, "Read")
	returns := call(2*time.Second, story.Client, story.Returned, "Read")

	returned := draw(t, begins, still, returns)
	assert.Equal(t, 1, count(returned, "wait"))
	assert.Zero(t, count(returned, "open"), "the call has returned")

	waiting := draw(t, begins, still)
	assert.Equal(t, 1, count(waiting, "open"), "the call has not returned")
}

func TestCallsThatWaitAtOnceStandBesideEachOther(t *testing.T) {
	var places []string
	for _, e := range draw(t,
		call(0, story.Server, story.Began, "Accept"),
		call(0, story.Server, story.Began, "Accept again"),
		call(time.Second, story.Server, story.Returned, "Accept"),
	) {
		if e.is("wait") {
			places = append(places, e.attributes["x"])
		}
	}
	require.Len(t, places, 2)
	assert.NotEqual(t, places[0], places[1])
}

func TestTimeIsToScale(t *testing.T) {
	rows := rowsOf([]story.Event{
		event(0, story.Client, story.Outcome, "a"),
		event(500*time.Millisecond, story.Client, story.Outcome, "b"),
		event(1500*time.Millisecond, story.Client, story.Outcome, "c"),
	})
	s := place(rows, 0)
	assert.InDelta(t, 2, (rows[2].y-rows[1].y)/(rows[1].y-rows[0].y), 0.001, "twice the time should take twice the room")
	assert.InDelta(t, (rows[1].y+rows[2].y)/2, s.at(time.Second, 0), 0.001, "and the moment between them be between them")
}

// The silence of two hours before nine intervals of 75 s, as with the system's keepalive, is cut.
func TestSilenceOutOfProportionIsCut(t *testing.T) {
	events := []story.Event{segment(0, story.ACK, false)}
	for i := range 9 {
		events = append(events, segment(2*time.Hour+time.Duration(i)*75*time.Second, story.KeepaliveProbe, true))
	}
	elements := draw(t, events...)
	assert.Equal(t, 1, count(elements, "tear"))
	var said []string
	for _, e := range elements {
		if e.is("silence") {
			said = append(said, e.text)
		}
	}
	assert.Equal(t, []string{"2 h pass"}, said)
}

func TestSingleWaitIsNotCut(t *testing.T) {
	assert.Zero(t, count(draw(t, segment(0, story.FIN, false), segment(time.Millisecond, story.ACK, false),
		event(time.Minute, story.Story, story.Check, "the entry is gone")), "tear"))
}

// Pauses that double are drawn to one scale, however long the last one is.
func TestBackOffIsNotCut(t *testing.T) {
	var events []story.Event
	for i := range 12 {
		events = append(events, segment(200*time.Millisecond<<i, story.Retransmission, true))
	}
	assert.Zero(t, count(draw(t, events...), "tear"))
}

func TestComparedTimeHasBracket(t *testing.T) {
	compared := event(time.Second, story.Story, story.Took, "took 301 ms (at least 300 ms)")
	compared.Span = &story.Span{Took: 301 * time.Millisecond, Least: 300 * time.Millisecond}
	assert.Equal(t, 1, count(draw(t, compared), "ruler"))
}

func TestKernelsTableStandsAtItsSide(t *testing.T) {
	table := event(time.Second, story.Story, story.Table, "")
	table.Sockets = &story.Sockets{Address: "127.0.0.1:2", Entries: []string{"TIME_WAIT with 127.0.0.1:1"}}
	for _, e := range draw(t, segment(0, story.FIN, false), table) {
		if strings.HasPrefix(e.text, "kernel's table") {
			assert.True(t, e.is("server"), "%v", e)
		}
	}
}

func TestEveryWordIsShownAsText(t *testing.T) {
	s := segment(0, story.Meaning(hostile), false)
	s.Segment.Flags, s.Segment.Client, s.Segment.Server = hostile, hostile, hostile
	events := []story.Event{s, event(-1, story.Client, story.Began, ""), event(math.MaxInt64, story.Client, story.Step, "")}
	for _, lane := range []story.Lane{story.Story, story.Client, story.Server, story.Wire, story.Lane(hostile)} {
		for _, kind := range []story.Kind{story.Step, story.Began, story.Outcome, story.Check, story.Sent, story.Kind(hostile)} {
			events = append(events, event(0, lane, kind, hostile))
		}
	}
	for _, e := range elementsOf(t, Draw(hostile, story.Record{Events: events})) {
		assert.NotEqual(t, "script", e.name, "what a test says has become an element")
	}
}

func TestWithoutEventsThereIsNoPicture(t *testing.T) {
	assert.Empty(t, Draw("nothing", story.Record{}))
}

func TestFileStandsAlone(t *testing.T) {
	elements := elementsOf(t, File("a story", story.Record{Events: []story.Event{segment(0, story.SYN, false)}}))
	assert.Equal(t, "svg", elements[0].name)
	assert.Equal(t, "style", elements[1].name)
	assert.Equal(t, 1, count(elements, "shaft"))
}

func TestWrappedLinesFit(t *testing.T) {
	for _, text := range []string{
		"Read: read tcp 127.0.0.1:52792->127.0.0.1:46637: i/o timeout",
		strings.Repeat("W", 200), strings.Repeat("a b ", 100), strings.Repeat("世界", 50), hostile, "", " ",
	} {
		lines := wrap(text, 100)
		for _, line := range lines {
			assert.True(t, fits(100, line), "%q", line)
		}
		assert.Equal(t, strings.Join(strings.Fields(text), ""), strings.ReplaceAll(strings.Join(lines, ""), " ", ""), "no letter is lost")
	}
}
