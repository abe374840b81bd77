package harness

import (
	"fmt"
	"time"

	"socketlabs/harness/story"
)

// longestTick is the tick of a kernel with CONFIG_HZ=100.
const longestTick = 10 * time.Millisecond

// AssertAtLeast fails the test if something took less time than it must take. The test reads the clock itself, directly
// before the call under study and directly after it. The instruments take time too, as does printing the story;
// if the clock were read after them, that time could hide that a call returned early.
//
// The bound is strict. Go's own timers count nanoseconds and are never early. The kernel's timers count ticks:
// subtract one [Tick] from their bound. The only upper bound is the guard against a hang: a busy machine may be
// late, and that says nothing about sockets.
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
