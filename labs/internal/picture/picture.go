package picture

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"socketlabs/harness/story"
)

// CSS is the part of a page's style sheet that pictures need.
//
//go:embed picture.css
var CSS string

// Script is the part of a page's script that pictures need: it shows the fields of a segment.
//
//go:embed picture.js
var Script string

// The lanes, in units of the picture, from left to right.
const (
	times   = 56.0  // right edge of the times
	axis    = 62.0  // the axis of time
	client  = 88.0  // the client's line
	server  = 396.0 // the server's line
	ruler   = 413.0 // brackets of compared times
	overall = 424.0

	inner       = server - client
	margin      = 10.0 // between a line and words
	badge       = 10.0 // half the width of a connection's number
	stepPadding = 3.0
	barWidth    = 5.0
	barsBeside  = 4    // if more calls wait at the same time, they share the last place
	heads       = 26.0 // the height of the lanes' names
)

// Draw draws the story of one test. The title is the picture's name for people who can't see it. The result is empty if
// nothing happened.
func Draw(title string, r story.Record) string {
	rows := rowsOf(story.Short(r.Events))
	if len(rows) == 0 {
		return ""
	}
	var d drawing
	s := place(rows, heads)
	last := rows[len(rows)-1]
	height := last.y + last.below + 8
	fmt.Fprintf(&d, `<svg class="picture" viewBox="0 0 %s %s" role="img" aria-label="%s">`, number(overall), number(height), printable(title))
	d.lanes(height)
	d.time(rows, s)
	for _, w := range waitsIn(rows) {
		d.wait(w, height)
	}
	for _, b := range bracketsIn(rows, s) {
		d.bracket(b)
	}
	several := severalConnections(rows)
	for _, r := range rows {
		d.row(r, several)
	}
	d.tears(rows, s)
	d.WriteString(`</svg>`)
	return d.String()
}

func severalConnections(rows []*row) bool {
	for _, r := range rows {
		if r.Segment != nil && r.Segment.Connection > 1 {
			return true
		}
	}
	return false
}

// lanes draws the lines of both sides, and the names above them.
func (d *drawing) lanes(height float64) {
	d.text("head client", client-15, 9, "client")
	d.text("head wire", (client+server)/2, 9, "wire")
	d.text("head server", server+22, 9, "server")
	d.line("lane client", client, heads-6, client, height)
	d.line("lane server", server, heads-6, server, height)
}

// time draws the axis with its marks, and the times of the rows.
func (d *drawing) time(rows []*row, s scale) {
	tick := s.tick()
	if tick > 0 {
		d.text("time", times, 9, story.Digits(tick, 2))
		d.line("axis", axis-3, 9, axis+2, 9)
	}
	for spans := s.spans; len(spans) > 0; {
		alike := 1 // consecutive spans are one line if all are to scale, or none is
		for alike < len(spans) && (spans[alike].kind == toScale) == (spans[0].kind == toScale) {
			alike++
		}
		class := "axis loose"
		if spans[0].kind == toScale {
			class = "axis"
			d.marks(spans[:alike], s, tick)
		}
		d.line(class, axis, spans[0].top, axis, spans[alike-1].end)
		spans = spans[alike:]
	}
	const room = 13.0
	above, said := -room, ""
	for _, r := range rows {
		if text := moment(r.At); text != said && r.y-above >= room {
			d.text("time", times, r.y, text)
			above, said = r.y, text
		}
	}
}

// marks draws the marks of spans that are to scale.
func (d *drawing) marks(spans []span, s scale, tick time.Duration) {
	const most = 1000 // more marks would be one black line
	var marks strings.Builder
	for _, sp := range spans {
		if tick == 0 || (sp.to-sp.from)/tick > most {
			continue
		}
		for at := sp.from.Truncate(tick) + tick; at < sp.to; at += tick {
			fmt.Fprintf(&marks, "M%s %sh3", number(axis-3), number(s.at(at, sp.top)))
		}
	}
	if marks.Len() > 0 {
		fmt.Fprintf(d, `<path class="axis" d="%s"/>`, &marks)
	}
}

// tears draws the places where time is cut, on top of everything else.
func (d *drawing) tears(rows []*row, s scale) {
	const left, waves, length, deep = axis - 18, 20, 9.0, 3.0
	for i, sp := range s.spans {
		if sp.kind != cut {
			continue
		}
		top, bottom := rows[i].y+rows[i].below+deep, rows[i+1].y-rows[i+1].above-deep
		right := left + waves*length*2
		fmt.Fprintf(d, `<path class="tear" d="M%s %s%sL%s %s%sz"/>`, number(left), number(top), wavy(length, deep, waves),
			number(right), number(bottom), wavy(-length, deep, waves))
		d.text("silence", (client+server)/2, (top+bottom)/2, story.Digits(sp.to-sp.from, 2)+" pass")
	}
}

// wavy is a wavy edge as SVG path data.
func wavy(length, deep float64, waves int) string {
	return fmt.Sprintf("q%s %s %s 0", number(length/2), number(2*deep), number(length)) +
		strings.Repeat(fmt.Sprintf("t%s 0", number(length)), 2*waves-1)
}

func (d *drawing) wait(w *wait, height float64) {
	const away = barWidth + 1.5
	x := client - barWidth/2 - away*float64(w.level)
	if w.lane == story.Server {
		x = client + server - barWidth - x
	}
	end, class := w.to.y, "wait"
	if !w.returned {
		end, class = height-2, "wait open"
	}
	d.box(class, x, w.from.y, barWidth, max(end-w.from.y, 4), 2)
}

func (d *drawing) bracket(b bracket) {
	fmt.Fprintf(d, `<path class="ruler" d="M%s %sh4h-2V%sh-2h4"/>`, number(ruler), number(b.top), number(b.end))
}

func (d *drawing) row(r *row, several bool) {
	if r.Segment != nil {
		d.segment(r, several)
		return
	}
	switch r.lane {
	case story.Client:
		d.dot("client", client, r.y)
		d.text("words client", client+margin, r.y, r.lines...)
	case story.Server:
		d.dot("server", server, r.y)
		d.text("words server", server-margin, r.y, r.lines...)
	case story.Wire:
		d.text("words wire", (client+server)/2, r.y, r.lines...)
	case story.Middle:
		d.box("between", client+margin, r.y-r.above, inner-2*margin, r.above+r.below, 3)
		d.text("words between", (client+server)/2, r.y, r.lines...)
	default:
		d.story(r)
	}
}

func (d *drawing) story(r *row) {
	class := "words"
	switch r.Kind {
	case story.Step:
		d.box("step", client+margin-5, r.y-r.above+1, inner-2*margin+10, r.above+r.below-2, 3)
		class = "words step"
	case story.Took, story.Table, story.Check:
		class = "words check"
	}
	d.text(class, client+margin, r.y, r.lines...)
}
