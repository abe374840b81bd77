package picture

import (
	"fmt"

	"socketlabs/harness/story"
)

const slant = 5.0 // how much lower an arrow ends than it begins

// segment draws an arrow from one side to the other. The arrow of a segment that does not arrive ends in a cross.
func (d *drawing) segment(r *row, several bool) {
	const head, lost = 8.0, 0.78
	from, to := client, server
	if r.Segment.From == story.Server {
		from, to = server, client
	}
	forward := 1.0
	if to < from {
		forward = -1
	}
	end := to
	class := "segment"
	if r.Segment.Unheard {
		end, class = from+(to-from)*lost, "segment lost"
	}
	drop := slant * (end - from) / (to - from)
	fmt.Fprintf(d, `<g class="%s"><title>%s</title>`, class, printable(fields(r.Event)))
	d.line("shaft", from, r.y, end, r.y+drop)
	if r.Segment.Unheard {
		fmt.Fprintf(d, `<path class="cross" d="M%s %sl8 8m0-8l-8 8"/>`, number(end-4), number(r.y+drop-4))
	} else {
		fmt.Fprintf(d, `<path class="tip" d="M%s %sl%s-4v8z"/>`, number(end), number(r.y+drop), number(-forward*head))
	}
	d.text("meaning", (client+server)/2, r.y-r.above+lineHeight/2-2, r.lines...)
	if several {
		d.badge(from+forward*(badge+5), r.y, r.Segment.Connection)
	}
	d.WriteString(`</g>`)
}

// badge draws the number of a segment's connection.
func (d *drawing) badge(x, y float64, connection int) {
	const high = 13.0
	d.box("badge", x-badge, y-high/2, 2*badge, high, high/2)
	d.text("number", x, y-0.5, fmt.Sprint(connection))
}

// label says what a segment means and carries. The other fields are only shown on request.
func label(s story.Segment) string {
	text := string(s.Meaning)
	if s.Meaning == story.Retransmission {
		switch {
		case s.Has("S"):
			text += " of the SYN"
		case s.Has("F"):
			text += " of the FIN"
		}
	}
	if s.Length > 0 {
		text += ", " + story.Count(s.Length, "byte")
	}
	return text
}

// fields are all fields of a segment.
func fields(e story.Event) string {
	s := e.Segment
	to := story.Server
	from, at := s.Client, s.Server
	if s.From == story.Server {
		to, from, at = story.Client, s.Server, s.Client
	}
	text := fmt.Sprintf("%s, %s to %s, at %.4f s\n%s → %s\nflags %s, seq %d, ack %d, window %d",
		s.Meaning, s.From, to, e.At.Seconds(), from, at, s.Flags, s.Seq, s.Ack, s.Window)
	if s.Length > 0 {
		text += ", " + story.Count(s.Length, "byte")
	}
	if s.Unheard {
		text += "\nnot heard"
	}
	return text
}
