package story

import (
	"slices"
	"sync"
	"time"
)

// Log collects the events of an experiment on one clock. Its methods may be called from any goroutine.
type Log struct {
	test  string
	began time.Time

	mu     sync.Mutex
	events []Event // in the order of their times
	taken  []bool  // for each event: whether Untaken has returned it
}

// NewLog starts the clock of the experiment that is called test.
func NewLog(test string) *Log {
	return &Log{test: test, began: time.Now()}
}

// Began returns when the clock was started.
func (l *Log) Began() time.Time { return l.began }

// Add notes that something happens now, and returns the moment.
func (l *Log) Add(e Event) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	e.At = now.Sub(l.began)
	l.insert(e)
	return now
}

// AddSegment notes that a segment was on the wire at the given moment, which may be some time ago. It returns the
// segment with its time in the story.
func (l *Log) AddSegment(at time.Time, s Segment) Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.At = at.Sub(l.began)
	l.insert(Event{At: s.At, Lane: Wire, Kind: Sent, Text: s.String(), Segment: &s})
	return s
}

func (l *Log) insert(e Event) {
	after := len(l.events)
	for after > 0 && l.events[after-1].At > e.At {
		after--
	}
	l.events = slices.Insert(l.events, after, e)
	l.taken = slices.Insert(l.taken, after, false)
}

// Untaken returns the events up to the given moment that it has not returned before.
func (l *Log) Untaken(until time.Time) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fresh []Event
	for i, e := range l.events {
		if !l.taken[i] && e.At <= until.Sub(l.began) {
			fresh = append(fresh, e)
			l.taken[i] = true
		}
	}
	return fresh
}

// Record returns everything that was noted so far, with the result of the test.
func (l *Log) Record(result string) Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Record{Test: l.test, Began: l.began, Result: result, Events: slices.Clone(l.events)}
}
