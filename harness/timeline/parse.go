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

func parseSegment(text, connection string) *Segment {
	s := &Segment{Connection: 1}
	if n, err := strconv.Atoi(connection); err == nil {
		s.Connection = n
	}
	if part := columns.FindStringSubmatch(text); part != nil {
		s.From, s.Meaning = Lane(part[1]), Meaning(part[2])
	}
	s.Unheard = strings.HasSuffix(text, notHeard)
	return s
}
