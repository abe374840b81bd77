package quiz

import (
	"fmt"
	"slices"
	"strings"

	"socketlabs/harness/story"
)

// blank is what is left out of a row.
type blank string

const (
	noBlank   blank = ""
	ofMeaning blank = "meaning"
	ofSender  blank = "sender"
	ofAck     blank = "ack"
)

const leftOut = "______"

// afterHandshake is how many segments a handshake has. They are the same in every connection.
const afterHandshake = 3

// candidates are the shown segments for which isSo is true, without handshakes, and without segments that have a blank.
func (d *drawer) candidates(isSo func(i int, s story.Segment) bool) (all []int) {
	seen := make(map[int]int) // segments by connection
	for i, s := range d.segments[:d.shown] {
		if seen[s.Connection]++; seen[s.Connection] > afterHandshake && d.hidden[i] == noBlank && isSo(i, s) {
			all = append(all, i)
		}
	}
	return all
}

// pick picks one of the candidates, and makes a blank in it.
func (d *drawer) pick(what blank, isSo func(i int, s story.Segment) bool) (i int, found bool) {
	all := d.candidates(isSo)
	if len(all) == 0 {
		return 0, false
	}
	i = all[d.luck.IntN(len(all))]
	d.hidden[i] = what
	return i, true
}

// meanings are the meanings that a question may ask for. With each are the meanings that would also be right, because one
// segment can be both.
var meanings = map[story.Meaning][]story.Meaning{
	story.Data:           {story.Retransmission},
	story.ACK:            {story.ProbeAnswer, story.WindowUpdate, story.ZeroWindow},
	story.FIN:            {story.Retransmission},
	story.RST:            {},
	story.KeepaliveProbe: {story.ACK},
	story.WindowProbe:    {story.ACK},
	story.ProbeAnswer:    {story.ACK, story.ZeroWindow},
	story.Retransmission: {story.Data, story.FIN, story.SYN},
	story.ZeroWindow:     {story.ACK, story.ProbeAnswer, story.WindowUpdate},
	story.WindowUpdate:   {story.ACK, story.ProbeAnswer},
}

func (d *drawer) askMeaning() {
	i, found := d.pick(ofMeaning, func(_ int, s story.Segment) bool { _, isAsked := meanings[s.Meaning]; return isAsked })
	if !found {
		return
	}
	right := d.segments[i].Meaning
	var others []string
	for meaning := range meanings {
		if meaning != right && !slices.Contains(meanings[right], meaning) {
			others = append(others, string(meaning))
		}
	}
	slices.Sort(others)
	d.ask(fmt.Sprintf("Which segment is row %d?", i+1), d.row(i, noBlank), append([]string{string(right)}, some(d.luck, others, 3)...))
}

func (d *drawer) askSender() {
	i, found := d.pick(ofSender, func(int, story.Segment) bool { return true })
	if !found {
		return
	}
	sides := []string{string(story.Client), string(story.Server)}
	if d.segments[i].From == story.Server {
		slices.Reverse(sides)
	}
	d.ask(fmt.Sprintf("Who has sent row %d?", i+1), d.row(i, noBlank), sides)
}

// askAck asks for an acknowledgment number, which follows from the segments before.
func (d *drawer) askAck() {
	i, found := d.pick(ofAck, func(_ int, s story.Segment) bool { return s.Has(".") && s.Ack > 1 || s.Has("F") && s.Ack > 1 })
	if !found {
		return
	}
	right := d.segments[i].Ack
	var others []string
	for _, n := range []uint32{right - 1, right + 1, right + 2, d.segments[i].Seq, 0} {
		if n != right && !slices.Contains(others, fmt.Sprint(n)) {
			others = append(others, fmt.Sprint(n))
		}
	}
	d.ask(fmt.Sprintf("Which number does row %d acknowledge?", i+1), d.row(i, noBlank), append([]string{fmt.Sprint(right)}, some(d.luck, others, 3)...))
}

// rows are the shown rows.
func (d *drawer) rows() (all []string) {
	for i := range d.segments[:d.shown] {
		all = append(all, d.row(i, d.hidden[i]))
	}
	return all
}

// Columns is the heading of the rows.
const Columns = "row      time  connection"

// row is a segment as a line.
func (d *drawer) row(i int, without blank) string {
	s := d.segments[i]
	between, meaning, numbers := "client → server", string(s.Meaning), s.Numbers()
	if s.From == story.Server {
		between = "server → client"
	}
	switch without {
	case ofMeaning:
		meaning = leftOut
	case ofSender:
		between = leftOut
	case ofAck:
		numbers = strings.Replace(numbers, fmt.Sprintf("ack %d", s.Ack), "ack "+leftOut, 1)
	}
	return fmt.Sprintf("%3d  %6.3f s  %d  %-15s  %-17s  %s", i+1, s.At.Seconds(), s.Connection, between, meaning, numbers)
}
