package timeline

import (
	"regexp"
	"strings"
	"time"
)

var line = regexp.MustCompile(`^\s*(\d+\.\d{3}) s  ([a-z ]{6,}?)  (.*)$`)

// Parse reads an event from the line that String has made of it. The line may be indented, as t.Output
// does it. The kind of the event is not in the line, nor is its time below a millisecond.
func Parse(text string) (Event, bool) {
	part := line.FindStringSubmatch(text)
	if part == nil {
		return Event{}, false
	}
	at, err := time.ParseDuration(part[1] + "s")
	if err != nil {
		return Event{}, false
	}
	return Event{At: at, Lane: Lane(strings.TrimSpace(part[2])), Text: part[3]}, true
}
