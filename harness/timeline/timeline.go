// Package timeline holds what happened in one experiment: when, on whose side, and in words.
//
// It is the form in which an experiment is printed (Text) and kept (JSON). It knows nothing of
// tests, so that a command can read what a test has written.
package timeline

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Lane is the side on which an event happened.
type Lane string

// The lanes, from left to right as a picture would draw them.
const (
	Story  Lane = "story" // what the experiment does and finds
	Client Lane = "client"
	Server Lane = "server"
	Wire   Lane = "wire" // what the network carried, in either direction
)

// Kind tells the steps of an experiment from what came of them.
type Kind string

const (
	Step    Kind = "step"    // the experiment is about to do something
	Begin   Kind = "begin"   // a call begins to wait
	Outcome Kind = "outcome" // a call returned, or was seen to be waiting still
	Check   Kind = "check"   // a statement about time that was put to the test
	Sent    Kind = "segment" // a segment was on the wire
)

// Event is one line of the story.
type Event struct {
	At   time.Duration `json:"at_ns"` // since the experiment began, on the monotonic clock
	Lane Lane          `json:"lane"`
	Kind Kind          `json:"kind"`
	Text string        `json:"text"`

	Segment *Segment `json:"segment,omitempty"` // of a segment, its parts
}

// String gives the event as one line: seconds since the beginning, lane, text. The wire of an
// experiment's second connection is called "wire 2", and so on.
func (e Event) String() string {
	lane := string(e.Lane)
	if e.Segment != nil && e.Segment.Connection > 1 {
		lane = fmt.Sprintf("%s %d", lane, e.Segment.Connection)
	}
	return fmt.Sprintf("%8.3f s  %-6s  %s", e.At.Seconds(), lane, e.Text)
}

// Record is a finished timeline, as it is kept in a file.
type Record struct {
	Test   string    `json:"test"`
	Began  time.Time `json:"began"`
	Result string    `json:"result"` // pass, fail or skip
	Events []Event   `json:"events"`
}

// WriteJSON writes the record, indented for people.
func (r Record) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("timeline: write: %w", err)
	}
	return nil
}

// ReadJSON reads a record that WriteJSON wrote.
func ReadJSON(r io.Reader) (Record, error) {
	var rec Record
	if err := json.NewDecoder(r).Decode(&rec); err != nil {
		return Record{}, fmt.Errorf("timeline: read: %w", err)
	}
	for _, e := range rec.Events {
		if e.Segment != nil {
			e.Segment.At = e.At
		}
	}
	return rec, nil
}

// Timeline collects events on one clock. Its methods may be called from any goroutine.
type Timeline struct {
	test  string
	began time.Time

	mu     sync.Mutex
	events []Event // in the order of their times
	taken  []bool  // which of them Untaken has returned
}

// New starts the clock of the experiment that is called test.
func New(test string) *Timeline {
	return &Timeline{test: test, began: time.Now()}
}

// Began is when the clock was started.
func (tl *Timeline) Began() time.Time { return tl.began }

// Add notes that something happens now, and returns the moment.
func (tl *Timeline) Add(lane Lane, kind Kind, text string) time.Time {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	now := time.Now()
	tl.insert(Event{At: now.Sub(tl.began), Lane: lane, Kind: kind, Text: text})
	return now
}

// AddSegment notes that a segment was on the wire at a moment, which may be a while ago. It returns the
// segment with its time.
func (tl *Timeline) AddSegment(at time.Time, s Segment) Segment {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	s.At = at.Sub(tl.began)
	tl.insert(Event{At: s.At, Lane: Wire, Kind: Sent, Text: s.String(), Segment: &s})
	return s
}

func (tl *Timeline) insert(e Event) {
	after := len(tl.events)
	for after > 0 && tl.events[after-1].At > e.At {
		after--
	}
	tl.events = slices.Insert(tl.events, after, e)
	tl.taken = slices.Insert(tl.taken, after, false)
}

// Untaken returns the events until a moment that it has not returned before.
func (tl *Timeline) Untaken(until time.Time) []Event {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	var fresh []Event
	for i, e := range tl.events {
		if !tl.taken[i] && e.At <= until.Sub(tl.began) {
			fresh = append(fresh, e)
			tl.taken[i] = true
		}
	}
	return fresh
}

// From returns the events from number n on, counted from 0.
func (tl *Timeline) From(n int) []Event {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	return append([]Event(nil), tl.events[n:]...)
}

// Record returns all that was noted so far, with the result of the test.
func (tl *Timeline) Record(result string) Record {
	return Record{Test: tl.test, Began: tl.began, Result: result, Events: tl.From(0)}
}
