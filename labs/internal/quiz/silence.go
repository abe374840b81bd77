package quiz

import (
	"fmt"
	"slices"
	"time"

	"socketlabs/harness/story"
)

// silent is the least silence on a connection that a question is about: only a timer ends such a silence.
const silent = 150 * time.Millisecond

// before is the index of the previous segment on the same connection.
func (d *drawer) before(i int) (at int, found bool) {
	for at = i - 1; at >= 0; at-- {
		if d.segments[at].Connection == d.segments[i].Connection {
			return at, true
		}
	}
	return 0, false
}

// ofTimers are the segments that only a timer of the kernel sends.
var ofTimers = []story.Meaning{story.Retransmission, story.KeepaliveProbe, story.WindowProbe}

// askNext hides the segment that ends a silence, and all segments after it. It asks what that segment is, and when it comes.
func (d *drawer) askNext() {
	const least = 6 // rows
	var all []int
	for i := least; i < len(d.segments); i++ {
		at, found := d.before(i)
		if found && slices.Contains(ofTimers, d.segments[i].Meaning) && d.segments[i].At-d.segments[at].At >= silent && d.canBeKnown(i) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return
	}
	i := all[d.luck.IntN(len(all))]
	at, _ := d.before(i)
	d.shown = i
	s := d.segments[i]
	var others []string
	for _, from := range []story.Lane{story.Client, story.Server} {
		for _, meaning := range append(ofTimers, story.ACK, story.FIN) {
			if from != s.From || meaning != s.Meaning {
				others = append(others, sentBy(from, meaning))
			}
		}
	}
	d.ask(fmt.Sprintf("What comes next on connection %d, after row %d?", s.Connection, at+1), "",
		append([]string{sentBy(s.From, s.Meaning)}, some(d.luck, others, 3)...))
	gap := s.At - d.segments[at].At
	d.ask(fmt.Sprintf("When does it come? How long after row %d?", at+1), d.row(i, noBlank), []string{
		about(gap), about(gap / 2), about(gap / 5), about(gap * 3),
	})
}

// canBeKnown reports whether the rows before a segment tell when it comes. They can't for the first keepalive probe, because
// its time is a setting.
func (d *drawer) canBeKnown(i int) bool {
	s := d.segments[i]
	return s.Meaning != story.KeepaliveProbe || slices.ContainsFunc(d.segments[:i], func(before story.Segment) bool {
		return before.Connection == s.Connection && before.Meaning == s.Meaning
	})
}

func sentBy(from story.Lane, meaning story.Meaning) string {
	return fmt.Sprintf("the %s sends: %s", from, meaning)
}

// about is a time, rounded as a person would say it.
func about(d time.Duration) string { return "about " + story.Digits(d, 2) }

// What a side may wait for while nothing comes.
const (
	forHandshake = "for an answer to its SYN"
	forAck       = "for an acknowledgment of what it has sent"
	forWindow    = "for room at the other side"
	forProbe     = "for an answer to its keepalive probe"
	forNothing   = "for nothing: all that it has sent is acknowledged"
)

var waitsFor = []string{forHandshake, forAck, forWindow, forProbe, forNothing}

// askWhatFor asks what a kernel waits for while nothing comes, not even a probe.
func (d *drawer) askWhatFor() {
	type silence struct {
		after, until int
		side         story.Lane
		what         string
	}
	var all []silence
	for i := range d.segments[:d.shown] {
		at, found := d.before(i)
		if !found || d.segments[i].At-d.segments[at].At < silent {
			continue
		}
		for _, side := range []story.Lane{story.Client, story.Server} {
			if what, isOpen := d.waits(at, side); isOpen && what != forNothing {
				all = append(all, silence{at, i, side, what})
			}
		}
		client, isOpen := d.waits(at, story.Client)
		if server, _ := d.waits(at, story.Server); isOpen && client == forNothing && server == forNothing {
			all = append(all, silence{at, i, story.Client, forNothing})
		}
	}
	if len(all) == 0 {
		return
	}
	s := all[d.luck.IntN(len(all))]
	others := slices.DeleteFunc(slices.Clone(waitsFor), func(what string) bool { return what == s.what })
	gap := d.segments[s.until].At - d.segments[s.after].At
	d.ask(fmt.Sprintf("For %s nothing comes on connection %d after row %d, not even a keepalive probe. What does the %s's kernel wait for?",
		story.Digits(gap, 2), d.segments[s.after].Connection, s.after+1, s.side), d.row(s.after, noBlank), append([]string{s.what}, some(d.luck, others, 3)...))
}

// waits says what a side waits for after a segment of its connection. The connection is not open if it was reset, or if the
// side has sent nothing yet.
func (d *drawer) waits(after int, side story.Lane) (what string, isOpen bool) {
	var sent, acked uint32 // the side's next sequence number, and what the other side has acknowledged
	window, isSynced, isProbing := 1, false, false
	for _, s := range d.segments[:after+1] {
		if s.Connection != d.segments[after].Connection {
			continue
		}
		switch {
		case s.Has("R"):
			return "", false
		case s.From == side:
			end := s.Seq + uint32(s.Length)
			if s.Has("S") || s.Has("F") {
				end++
			}
			sent = max(sent, end)
			isProbing = s.Meaning == story.KeepaliveProbe
		case !s.Unheard:
			isSynced, isProbing, window = true, false, s.Window
			if s.Has(".") {
				acked = max(acked, s.Ack)
			}
		}
	}
	switch {
	case sent == 0:
		return "", false
	case !isSynced:
		return forHandshake, true
	case window == 0:
		return forWindow, true
	case sent > acked:
		return forAck, true
	case isProbing:
		return forProbe, true
	}
	return forNothing, true
}
