package harness

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Tick is how much too early a timer of this kernel may seem to expire. A timer counts whole ticks, and the first tick
// is already running when the timer is set. Kernels tick 100 to 1000 times a second (CONFIG_HZ). The kernel advances
// its coarse clock at every tick, so that clock's resolution is the length of a tick: clock_getres(2).
var Tick = sync.OnceValue(func() time.Duration {
	var resolution unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &resolution); err != nil {
		return longestTick // gVisor does not know this clock
	}
	return time.Duration(resolution.Nano())
})
