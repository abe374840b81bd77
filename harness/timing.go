package harness

import (
	"time"

	"socketlabs/harness/timeline"
)

// Tick is what a timer of the kernel may seem early by. It counts whole ticks, and the first is
// already running when the timer is set. Kernels tick 100 to 1000 times a second (CONFIG_HZ); this
// is the longest tick. Go's own deadlines are measured in nanoseconds and are never early at all.
const Tick = 10 * time.Millisecond

// AssertNeverEarlier fails the test if less than atLeast has passed since begun, which a Step
// returned. There is no upper bound but the guard against a hang: a busy machine may be late, and
// that says nothing about sockets.
func (x *Experiment) AssertNeverEarlier(begun time.Time, atLeast time.Duration) bool {
	x.t.Helper()
	took := time.Since(begun)
	x.note(timeline.Story, timeline.Check, timeline.Comparison{Took: took, Least: atLeast}.String())
	if took < atLeast {
		x.t.Errorf("too early: after %v, and it must not be before %v", took, atLeast)
	}
	return took >= atLeast
}
