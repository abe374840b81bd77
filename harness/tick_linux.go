package harness

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Tick is what a timer of this kernel may seem early by. It counts whole ticks, and the first is already running
// when the timer is set. Kernels tick 100 to 1000 times a second (CONFIG_HZ). This one says how often by the
// resolution of the clock that it moves at every tick: clock_getres(2).
var Tick = sync.OnceValue(func() time.Duration {
	var resolution unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &resolution); err != nil {
		return longestTick // gVisor does not know this clock
	}
	return time.Duration(resolution.Nano())
})
