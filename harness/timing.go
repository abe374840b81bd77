package harness

import (
	"fmt"
	"time"

	"socketlabs/harness/story"
)

// longestTick is that of a kernel with CONFIG_HZ=100.
const longestTick = 10 * time.Millisecond

// AssertAtLeast fails the test if something took less than it must. The test reads the clock itself, directly
// before the call under study and directly after it: what the instruments do, the printing of the story among
// it, takes time too, and would hide that a call returned early.
//
// The bound is strict. Go's own timers count nanoseconds and are never early. The kernel's count ticks: take one
// [Tick] off. There is no upper bound but the guard against a hang: a busy machine may be late, and that says
// nothing about sockets.
func (x *Experiment) AssertAtLeast(took, least time.Duration) bool {
	x.t.Helper()
	x.Note(story.Event{
		Lane: story.Story, Kind: story.Took, Span: &story.Span{Took: took, Least: least},
		Text: fmt.Sprintf("took %s (at least %s)", story.Duration(took), story.Duration(least)),
	})
	if took < least {
		x.t.Errorf("too early: took %s (at least %s expected)", story.Exactly(took), story.Exactly(least))
	}
	return took >= least
}
