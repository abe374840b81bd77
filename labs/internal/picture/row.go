package picture

import (
	"fmt"
	"regexp"
	"time"

	"socketlabs/harness/story"
)

// row is what is drawn for a moment.
type row struct {
	story.Event
	lane         story.Lane // where it is drawn
	lines        []string
	above, below float64 // the room that it takes above and below y
	y            float64 // where its moment is
}

// rowsOf makes the rows of the events, without their places.
func rowsOf(events []story.Event) []*row {
	var rows []*row
	connections := connectionsIn(events)
	for _, e := range events {
		r := &row{Event: e, lane: e.Lane}
		switch {
		case e.Segment != nil:
			r.lines = wrap(label(*e.Segment), inner-2*margin-2*badge)
			r.above, r.below = float64(len(r.lines))*lineHeight, slant+3
		case e.Lane == story.Wire:
			r.lines = wrap(e.Text, inner-2*margin)
		case e.Lane == story.Middle:
			r.lines = wrap(e.Text, inner-4*margin)
		default:
			r.lane, r.Text = placed(e, connections)
			r.lines = wrap(r.Text, inner-2*margin)
			if e.Kind == story.Step {
				r.lines = wrap(r.Text, (inner-2*margin)/boldness)
			}
		}
		if e.Segment == nil {
			r.above, r.below = lineHeight/2+1, (float64(len(r.lines))-0.5)*lineHeight+1
		}
		if e.Kind == story.Step || e.Lane == story.Middle {
			r.above, r.below = r.above+stepPadding, r.below+stepPadding
		}
		rows = append(rows, r)
	}
	return rows
}

// connectionsIn says which addresses belong to a client, and which to a server.
func connectionsIn(events []story.Event) map[string]story.Lane {
	sides := make(map[string]story.Lane)
	for _, e := range events {
		if s := e.Segment; s != nil && s.Client != s.Server {
			sides[s.Client], sides[s.Server] = story.Client, story.Server
		}
	}
	return sides
}

// placed is the lane of an event, and its text. The kernel's table for an address is drawn at the side of that address.
func placed(e story.Event, sides map[string]story.Lane) (story.Lane, string) {
	if e.Sockets != nil {
		if side, known := sides[e.Sockets.Address]; known {
			return side, "kernel's table: " + e.Sockets.String()
		}
	}
	return e.Lane, e.Text
}

// states matches the states of a socket, as the kernel's table and the experiments name them.
var states = regexp.MustCompile(`\b(LISTEN|SYN_SENT|SYN_RECV|NEW_SYN_RECV|ESTABLISHED|FIN_WAIT[12]|CLOSE_WAIT|LAST_ACK|CLOSING|TIME_WAIT|CLOSE)\b`)

// withStates is a text with the states of sockets highlighted.
func withStates(text string) string {
	return states.ReplaceAllString(printable(text), `<tspan class="state">$1</tspan>`)
}

// moment is a time with useful precision: at first to a millisecond, after minutes to a second.
func moment(at time.Duration) string {
	if at < time.Minute {
		return fmt.Sprintf("%.3f s", at.Seconds())
	}
	at = at.Truncate(time.Second)
	if at < time.Hour {
		return fmt.Sprintf("%d m %02d s", at/time.Minute, at%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d:%02d:%02d", at/time.Hour, at%time.Hour/time.Minute, at%time.Minute/time.Second)
}
