package harness

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"socketlabs/harness/timeline"
)

// The sides of a connection, as an experiment names them.
const (
	Client = timeline.Client
	Server = timeline.Server
)

// hangGuard ends an experiment in which a call that should have returned never does. It is no
// expectation: the slowest experiment takes three seconds of it.
const hangGuard = 60 * time.Second

// Experiment is one test's clock, its story, and all that it has opened.
type Experiment struct {
	t        testing.TB
	timeline *timeline.Timeline
	told     int // events printed so far; protected by stage

	work sync.WaitGroup // the peers, the calls begun, the guard against a hang

	mu       sync.Mutex
	lastStep string
	ended    bool     // from here on sockets close because the experiment is over
	owned    []func() // close what was opened
}

// Start begins an experiment: it skips the test if a need is not met, lets it run beside the
// others, and starts the clock. At the end of the test all that the experiment owns is closed.
func Start(t testing.TB, needs ...Need) *Experiment {
	t.Helper()
	skipUnlessMet(t, needs)
	test, isTest := t.(*testing.T)
	if isTest {
		test.Parallel()
	}
	running.Add(1)
	x := &Experiment{t: t, timeline: timeline.New(t.Name()), lastStep: "the start"}
	if isTest && setting("LABS_LONG") == "off" { // go test -timeout guards those that take minutes
		x.work.Go(x.guardAgainstHang)
	}
	t.Cleanup(x.end)
	return x
}

// Step says what the experiment does next, and returns the moment.
func (x *Experiment) Step(format string, args ...any) time.Time {
	text := fmt.Sprintf(format, args...)
	x.mu.Lock()
	x.lastStep = text
	x.mu.Unlock()
	return x.note(timeline.Story, timeline.Step, text)
}

// Outcome says what came of a call on one side of the connection.
func (x *Experiment) Outcome(side timeline.Lane, format string, args ...any) {
	x.note(side, timeline.Outcome, fmt.Sprintf(format, args...))
}

func (x *Experiment) note(lane timeline.Lane, kind timeline.Kind, text string) time.Time {
	now := x.timeline.Add(lane, kind, text)
	x.tell(false)
	return now
}

var (
	running atomic.Int32 // experiments
	stage   sync.Mutex   // held by the one that prints
)

// tell prints what was not printed yet. Under -v, an experiment that runs alone is printed as it
// goes; of those that run side by side, each is printed whole at its end.
func (x *Experiment) tell(whole bool) {
	if testing.Verbose() && running.Load() > 1 && !whole {
		return
	}
	stage.Lock()
	defer stage.Unlock()
	for _, event := range x.timeline.From(x.told) {
		fmt.Fprintln(x.t.Output(), event)
		x.told++
	}
}

// owns remembers how to close what the experiment has opened.
func (x *Experiment) owns(closeIt func()) {
	x.mu.Lock()
	if !x.ended {
		x.owned = append(x.owned, closeIt)
		x.mu.Unlock()
		return
	}
	x.mu.Unlock()
	closeIt()
}

// closeAll closes what the experiment owns, the last opened first. That frees every call that still
// waits on one of its sockets.
func (x *Experiment) closeAll() {
	x.mu.Lock()
	x.ended = true
	owned := x.owned
	x.owned = nil
	x.mu.Unlock()
	for _, closeIt := range slices.Backward(owned) {
		closeIt()
	}
}

func (x *Experiment) hasEnded() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ended
}

func (x *Experiment) guardAgainstHang() {
	if !passed(x.t.Context(), hangGuard) {
		return
	}
	x.mu.Lock()
	step := x.lastStep
	x.mu.Unlock()
	x.t.Errorf("still not over %v after it began: the last step was %q, and a call that should have "+
		"ended since hangs; closing the sockets to free it", hangGuard, step)
	x.closeAll()
}

func (x *Experiment) end() {
	x.closeAll()
	if !x.workIsDone() {
		x.t.Errorf("a peer or a call of this experiment still runs %v after its sockets were closed", hangGuard)
	}
	running.Add(-1)
	x.tell(true)
	if artifacts := flag.Lookup("test.artifacts"); artifacts.Value.String() == "true" {
		x.keep()
	}
}

func (x *Experiment) workIsDone() bool {
	ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
	go func() {
		x.work.Wait()
		cancel()
	}()
	<-ctx.Done()
	return ctx.Err() == context.Canceled
}

// keep writes the story to timeline.json in the test's artifact directory.
func (x *Experiment) keep() {
	result := "pass"
	if x.t.Failed() {
		result = "fail"
	} else if x.t.Skipped() {
		result = "skip"
	}
	file, err := os.Create(filepath.Join(x.t.ArtifactDir(), "timeline.json"))
	if err != nil {
		x.t.Errorf("keep the timeline: %v", err)
		return
	}
	defer file.Close()
	if err := x.timeline.Record(result).WriteJSON(file); err != nil {
		x.t.Errorf("keep the timeline: %v", err)
	}
}
