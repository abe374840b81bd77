package harness

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"socketlabs/harness/internal/system"
	"socketlabs/harness/story"
)

// The two sides of a connection, as an experiment names them, and whatever is between them.
const (
	Client = story.Client
	Middle = story.Middle
	Server = story.Server
)

// HangGuard is the longest time that an experiment may take. After that, a call in it must be hanging, and the harness
// closes the experiment's sockets. The slowest experiment takes about six seconds.
const HangGuard = 60 * time.Second

// Experiment is one test's clock, its story, and all that it has opened.
type Experiment struct {
	t       testing.TB
	log     *story.Log
	told    story.Printer // what was printed so far; protected by stage
	toldAll bool          // the end was printed; protected by stage
	noWire  bool          // leave segments out of what a program reads; protected by stage
	quiet   bool          // a benchmark, which prints figures and no story
	witness Witness       // nil if nobody looks at the wire

	work sync.WaitGroup // the peers, the calls begun, the guard against a hang

	mu       sync.Mutex
	lastStep string
	toldOnce []string      // by NoteOnce
	toldLast string        // the name of the event told last, if NoteUnlessTold told it
	guarded  bool          // somebody else ends it if it hangs
	ended    bool          // sockets close because the experiment is over
	over     chan struct{} // closed when ended becomes true
	owned    []func()      // close what was opened
}

var running atomic.Int32 // experiments

// Start begins an experiment: it skips the test if a need is not met, lets it run in parallel with
// the others, and starts the clock. At the end of the test, everything that the experiment owns is closed.
func Start(t testing.TB, needs ...Need) *Experiment {
	t.Helper()
	skipUnlessMet(t, needs)
	if test, isTest := t.(*testing.T); isTest {
		test.Parallel()
	}
	return start(t, needs)
}

// StartAlone begins an experiment that runs alone, before the parallel ones. It is for an experiment that another one
// could disturb: by starting a child process, which has copies of all our descriptors until its exec has closed them, or
// by taking a port. It is also for an experiment that computes so much that others would be late.
func StartAlone(t testing.TB, needs ...Need) *Experiment {
	t.Helper()
	skipUnlessMet(t, needs)
	return start(t, needs)
}

func start(t testing.TB, needs []Need) *Experiment {
	t.Helper()
	running.Add(1)
	_, isTest := t.(*testing.T)
	x := &Experiment{t: t, quiet: !isTest, lastStep: "the start", over: make(chan struct{})}
	x.log = story.NewLog(t.Name())
	x.watch(isTest, needs)
	if isTest && system.Setting("LABS_LONG") == "off" { // go test -timeout guards experiments that take minutes
		x.work.Go(func() { x.guardAgainstHang(HangGuard) })
	}
	t.Cleanup(x.end)
	return x
}

// AtEnd makes the experiment call closeIt at its end, to close what was opened for it. If the experiment is over, AtEnd
// calls closeIt at once.
func (x *Experiment) AtEnd(closeIt func()) {
	x.mu.Lock()
	if !x.ended {
		x.owned = append(x.owned, closeIt)
		x.mu.Unlock()
		return
	}
	x.mu.Unlock()
	closeIt()
}

// closeAll closes what the experiment owns, last opened first. That frees every call that is still
// waiting on one of these sockets.
func (x *Experiment) closeAll() {
	x.mu.Lock()
	if !x.ended {
		x.ended = true
		close(x.over)
	}
	owned := x.owned
	x.owned = nil
	x.mu.Unlock()
	for _, closeIt := range slices.Backward(owned) {
		closeIt()
	}
}

// IsOver reports whether sockets close because the experiment is over.
func (x *Experiment) IsOver() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ended
}

// LeaveHangs leaves it to the caller to end the experiment if it hangs: the caller knows how long it may take.
func (x *Experiment) LeaveHangs() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.guarded = true
}

func (x *Experiment) guardAgainstHang(limit time.Duration) {
	if !Passed(x.t.Context(), limit) {
		return
	}
	x.mu.Lock()
	step, guarded := x.lastStep, x.guarded
	x.mu.Unlock()
	if guarded {
		return
	}
	x.t.Errorf("not finished after %s; the last step was %q. A call that should have returned hangs: "+
		"closing the sockets to free it", story.Duration(limit), step)
	x.closeAll()
}

func (x *Experiment) end() {
	if x.witness != nil {
		x.witness.Leave() // how the experiment closes what is left is not part of the story
	}
	x.closeAll()
	if !x.workIsDone() {
		x.t.Errorf("a peer or a call of this experiment is still running %s after its sockets were closed", story.Duration(HangGuard))
	}
	if x.witness != nil {
		x.witness.Release()
	}
	running.Add(-1)
	x.tell(time.Now(), true)
	if keepsArtifacts() {
		keep(x.t, "story.json", x.log.Record(x.result()).WriteJSON)
		if x.witness != nil {
			x.witness.Keep(func(name string, write func(io.Writer) error) { keep(x.t, name, write) })
		}
	}
}

func (x *Experiment) workIsDone() bool {
	ctx, cancel := context.WithTimeout(context.Background(), HangGuard)
	go func() {
		x.work.Wait()
		cancel()
	}()
	<-ctx.Done()
	return ctx.Err() == context.Canceled
}

func (x *Experiment) result() string {
	switch {
	case x.t.Failed():
		return "fail"
	case x.t.Skipped():
		return "skip"
	}
	return "pass"
}
