package harness

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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
	told     timeline.Printer // what was printed so far; protected by stage
	toldAll  bool             // the end was printed; protected by stage
	quiet    bool             // a benchmark, which prints figures and no story
	wire     *segments        // nil if nobody looks at the wire

	noKeepalive sync.Once // the story says that keepalive is off

	work sync.WaitGroup // the peers, the calls begun, the guard against a hang

	mu        sync.Mutex
	lastStep  string
	toldTable string        // what the story said last of the kernel's table; empty if it has gone on since
	ended     bool          // from here on sockets close because the experiment is over
	over      chan struct{} // closed when ended becomes true
	owned     []func()      // close what was opened
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
	x := &Experiment{t: t, quiet: !isTest, lastStep: "the start", over: make(chan struct{})}
	x.watchWire(isTest, needs)
	x.timeline = timeline.New(t.Name())
	if isTest && setting("LABS_LONG") == "off" { // go test -timeout guards those that take minutes
		x.work.Go(func() { x.guardAgainstHang(hangGuard) })
	}
	t.Cleanup(x.end)
	return x
}

// Step says what the experiment does next.
func (x *Experiment) Step(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	x.mu.Lock()
	x.lastStep = text
	x.mu.Unlock()
	x.note(timeline.Story, timeline.Step, text)
}

// Outcome says what came of a call on one side of the connection.
func (x *Experiment) Outcome(side timeline.Lane, format string, args ...any) {
	x.note(side, timeline.Outcome, fmt.Sprintf(format, args...))
}

func (x *Experiment) note(lane timeline.Lane, kind timeline.Kind, text string) {
	x.mu.Lock()
	x.toldTable = ""
	x.mu.Unlock()
	now := x.timeline.Add(lane, kind, text)
	x.claimDescriptors()
	if x.tellsNow() {
		x.drainWire() // what was sent before comes before
	}
	x.tell(now, false)
}

var (
	running atomic.Int32 // experiments
	stage   sync.Mutex   // held by the one that prints
)

// tellsNow reports whether the story is printed as it goes. Under -v, an experiment that runs alone
// is; of those that run side by side, each is printed whole at its end.
func (x *Experiment) tellsNow() bool { return !testing.Verbose() || running.Load() == 1 }

// tell prints what happened until a moment and was not printed yet. What came after it is printed
// by those who note it, once the segments before it are known.
func (x *Experiment) tell(until time.Time, end bool) {
	if !end && !x.tellsNow() {
		return
	}
	stage.Lock()
	defer stage.Unlock()
	if x.toldAll || x.quiet {
		return // after the test there is nothing to print to
	}
	x.toldAll = end
	for _, line := range x.told.Lines(x.timeline.Untaken(until), end) {
		fmt.Fprintln(x.t.Output(), line)
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

func (x *Experiment) hasEnded() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ended
}

func (x *Experiment) guardAgainstHang(limit time.Duration) {
	if !passed(x.t.Context(), limit) {
		return
	}
	x.mu.Lock()
	step := x.lastStep
	x.mu.Unlock()
	x.t.Errorf("still not over %v after it began: the last step was %q, and a call that should have "+
		"ended since hangs; closing the sockets to free it", limit, step)
	x.closeAll()
}

func (x *Experiment) end() {
	x.leaveWire() // how the experiment closes what is left is not part of the story
	x.closeAll()
	if !x.workIsDone() {
		x.t.Errorf("a peer or a call of this experiment still runs %v after its sockets were closed", hangGuard)
	}
	x.releaseWire()
	running.Add(-1)
	x.tell(time.Now(), true)
	if keepsArtifacts() {
		keep(x.t, "timeline.json", x.timeline.Record(x.result()).WriteJSON)
		if x.wire != nil && len(x.wire.frames) > 0 {
			keep(x.t, "wire.pcapng", x.writePcapng)
		}
	}
}

// keepsArtifacts reports whether go test was given -artifacts.
func keepsArtifacts() bool { return flag.Lookup("test.artifacts").Value.String() == "true" }

func (x *Experiment) workIsDone() bool {
	ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
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

// keep writes a file to the test's artifact directory.
func keep(t testing.TB, name string, write func(io.Writer) error) {
	file, err := os.Create(filepath.Join(t.ArtifactDir(), name))
	if err == nil {
		err = errors.Join(write(file), file.Close())
	}
	if err != nil {
		t.Errorf("keep %s: %v", name, err)
	}
}
