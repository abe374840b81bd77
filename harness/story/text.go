package story

import (
	"fmt"
	"strings"
	"time"
)

// String returns the event as one line: seconds since the beginning, lane, text. The lane of the wire is
// "wire 2" for the experiment's second connection, and so on.
func (e Event) String() string {
	lane := string(e.Lane)
	if e.Segment != nil && e.Segment.Connection > 1 {
		lane = fmt.Sprintf("%s %d", lane, e.Segment.Connection)
	}
	return fmt.Sprintf("%8.3f s  %-6s  %s", e.At.Seconds(), lane, e.Text)
}

// Printer prints a story as lines, and leaves out events that have no text. It shortens repetition. A run is a series of
// segments with no other event and no silence between them: of a long run, it shows the first segments and counts the
// others. If there are more than eight connections, it only counts the segments of the ninth and later ones.
type Printer struct {
	plain, run int           // segments in a row: data and acknowledgments; all others
	before     time.Duration // the time of the last event
	held       []Event       // segments that will be counted
}

// How much of a run is shown.
const (
	plainInARow = 6
	anyInARow   = 24
	silence     = 100 * time.Millisecond // ends a run
	crowd       = 8                      // connections
)

// Short returns the events of a whole story. It shortens long runs of segments, as a Printer does.
func Short(story []Event) []Event {
	var p Printer
	return p.short(story, true)
}

// Lines returns the lines for the next events and, if end is true, for the events that it still holds.
func (p *Printer) Lines(next []Event, end bool) (lines []string) {
	for _, e := range p.short(next, end) {
		lines = append(lines, e.String())
	}
	return lines
}

func (p *Printer) short(next []Event, end bool) (events []Event) {
	for _, e := range next {
		if e.Text == "" {
			continue
		}
		if e.At-p.before >= silence {
			p.plain, p.run = 0, 0
			events = append(events, p.release()...)
		}
		p.before = e.At
		if p.holds(e) {
			p.held = append(p.held, e)
			continue
		}
		events = append(append(events, p.release()...), e)
	}
	if end {
		events = append(events, p.release()...)
	}
	return events
}

func (p *Printer) holds(e Event) bool {
	if e.Segment == nil {
		p.plain, p.run = 0, 0
		return false
	}
	if e.Segment.Connection > crowd {
		return true
	}
	if e.Segment.Meaning == Data || e.Segment.Meaning == ACK {
		p.plain++
	} else {
		p.plain = 0
		p.run++
	}
	return p.plain > plainInARow || p.run > anyInARow
}

// release returns one event that counts all events that are held.
func (p *Printer) release() []Event {
	held := p.held
	p.held = nil
	if len(held) < 2 {
		return held
	}
	var meanings []Meaning
	count := map[Meaning]int{}
	data := 0
	for _, e := range held {
		s := e.Segment
		if count[s.Meaning] == 0 {
			meanings = append(meanings, s.Meaning)
		}
		count[s.Meaning]++
		data += s.Length
	}
	var counts []string
	for _, m := range meanings {
		counts = append(counts, fmt.Sprintf("%d × %s", count[m], m))
	}
	all := held[len(held)-1]
	all.Segment = nil
	all.Text = fmt.Sprintf("… %d more segments: %s", len(held), strings.Join(counts, ", "))
	if data > 0 {
		all.Text += "; " + Count(data, "byte")
	}
	return []Event{all}
}
