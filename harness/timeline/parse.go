package timeline

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	line    = regexp.MustCompile(`^\s*(\d+\.\d{3}) s  ([a-z0-9 ]{6,}?)  (.*)$`)
	columns = regexp.MustCompile(`^(client|server) → (?:client|server)  ((?:\S| \S)+)  `)
)

// Parse reads an event from the line that String has made of it. The line may be indented, as t.Output
// does it. What is not in the line is not in the event: its kind, its time below a millisecond, and of a
// segment all but its connection, sender, meaning, and whether it was heard.
func Parse(text string) (Event, bool) {
	part := line.FindStringSubmatch(text)
	if part == nil {
		return Event{}, false
	}
	at, err := time.ParseDuration(part[1] + "s")
	if err != nil {
		return Event{}, false
	}
	lane, number, _ := strings.Cut(strings.TrimSpace(part[2]), " ")
	e := Event{At: at, Lane: Lane(lane), Text: part[3]}
	if e.Lane == Wire {
		e.Segment = parseSegment(e.Text, number)
	}
	return e, true
}

// parseSegment reads the columns that a segment's String has made. It is nil for other texts about the wire.
func parseSegment(text, connection string) *Segment {
	part := columns.FindStringSubmatch(text)
	if part == nil {
		return nil
	}
	s := &Segment{Connection: 1, From: Lane(part[1]), Meaning: Meaning(part[2]), Unheard: strings.HasSuffix(text, notHeard)}
	if n, err := strconv.Atoi(connection); err == nil {
		s.Connection = n
	}
	return s
}
