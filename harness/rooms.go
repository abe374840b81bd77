package harness

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"socketlabs/harness/story"
)

// What follows is for the packages of the harness: peer, link, process, kernel and wire. An experiment calls those
// packages, and rarely needs what follows.

// T is the test of the experiment.
func (x *Experiment) T() testing.TB { return x.t }

// Go runs the work of a peer in a goroutine that the experiment waits for at its end.
func (x *Experiment) Go(work func()) { x.work.Go(work) }

// Over is closed when the experiment is over.
func (x *Experiment) Over() <-chan struct{} { return x.over }

// Began is when the clock of the story was started.
func (x *Experiment) Began() time.Time { return x.log.Began() }

// Struck tells programs that something was made to fail.
func (x *Experiment) Struck(failure story.Failure) {
	x.log.Add(story.Event{Lane: story.Story, Kind: story.Struck, Failure: failure})
}

// NoteOnce notes an event, unless NoteOnce has already noted one with the same text.
func (x *Experiment) NoteOnce(e story.Event) {
	x.mu.Lock()
	told := slices.Contains(x.toldOnce, e.Text)
	x.toldOnce = append(x.toldOnce, e.Text)
	x.mu.Unlock()
	if !told {
		x.Note(e)
	}
}

// NoteUnlessTold notes an event, unless the last event of the story was noted by NoteUnlessTold, under the same name.
func (x *Experiment) NoteUnlessTold(name string, e story.Event) {
	x.mu.Lock()
	again := x.toldLast == name
	x.mu.Unlock()
	if again {
		return
	}
	x.Note(e)
	x.mu.Lock()
	x.toldLast = name
	x.mu.Unlock()
}

// NoteSegment notes that a segment was on the wire at the given moment, which may be some time ago. It returns the
// segment with its time in the story.
func (x *Experiment) NoteSegment(at time.Time, s story.Segment) story.Segment {
	return x.log.AddSegment(at, s)
}

// TellUntil prints what happened before the given moment and has not been printed yet.
func (x *Experiment) TellUntil(moment time.Time) { x.tell(moment, false) }

// Passed waits for the pause. It returns false if ctx ends first.
func Passed(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// Witness sees what the network carries for one experiment. Package wire has one.
type Witness interface {
	Opened(io.Closer)                                         // the experiment now owns this listener or connection
	OpenedFD(fd int)                                          // the experiment now owns this socket, which the test has opened itself
	Drain()                                                   // waits until everything that was sent is in the story
	Leave()                                                   // what follows is not part of the story
	Release()                                                 // all sockets are closed
	Keep(keep func(name string, write func(io.Writer) error)) // keeps what it has seen as artifacts
}

// newWitness is nil if Main was given none.
var newWitness func(*Experiment) Witness

// watch begins to watch the wire if somebody looks at it: with -v or -artifacts, or in the test itself.
func (x *Experiment) watch(isTest bool, needs []Need) {
	if newWitness == nil {
		return
	}
	needed := false
	for _, need := range needs {
		needed = needed || need.Wire
	}
	if needed || isTest && (testing.Verbose() || keepsArtifacts()) {
		x.witness = newWitness(x)
	}
}

// Witness is nil if nobody looks at the wire.
func (x *Experiment) Witness() Witness { return x.witness }
