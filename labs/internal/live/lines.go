package live

import (
	"regexp"
	"strconv"
	"strings"

	"socketlabs/labs/internal/gotest"
)

// marker is the byte that -test.v=test2json puts before the testing package's own lines.
const marker = "\x16"

// lines turns the output of a test binary into events, as "go tool test2json" does. That tool can't run in a page.
type lines struct {
	rest string // beginning of a line whose end has not come
	test string // the test that prints
}

var (
	frame  = regexp.MustCompile(`^=== (\w+) +(\S+)(?: (\S+) (.*))?$`)
	result = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)$`)
)

// take takes the next output, and returns the events of the lines that are complete now.
func (l *lines) take(text string) (events []gotest.Event) {
	l.rest += text
	for {
		line, rest, whole := strings.Cut(l.rest, "\n")
		if !whole {
			return events
		}
		l.rest = rest
		if before, after, isFrame := strings.Cut(line, marker); isFrame {
			if before != "" {
				events = append(events, l.output(before))
			}
			events = append(events, l.frame(after)...)
		} else {
			events = append(events, l.output(line))
		}
	}
}

func (l *lines) output(line string) gotest.Event {
	return gotest.Event{Action: gotest.Output, Test: l.test, Output: line + "\n"}
}

// frame returns the events of a line of the testing package's own.
func (l *lines) frame(line string) []gotest.Event {
	if found := result.FindStringSubmatch(line); found != nil {
		seconds, _ := strconv.ParseFloat(found[3], 64) // the pattern matches only numbers
		l.test = found[2]
		return []gotest.Event{{Action: strings.ToLower(found[1]), Test: found[2], Elapsed: seconds}}
	}
	found := frame.FindStringSubmatch(line)
	if found == nil {
		return nil
	}
	switch verb, test := found[1], found[2]; verb {
	case "RUN", "CONT", "NAME":
		l.test = test
		return []gotest.Event{{Action: gotest.Run, Test: test}}
	case "ATTR":
		return []gotest.Event{{Action: gotest.Attr, Test: test, Key: found[3], Value: found[4]}}
	}
	return nil
}
