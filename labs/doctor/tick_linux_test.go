package doctor

import (
	"time"

	"golang.org/x/sys/unix"
)

// clockTick is the resolution of the clock that the kernel moves at every tick: clock_getres(2).
func clockTick() string {
	var tick unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &tick); err != nil {
		return err.Error()
	}
	return time.Duration(tick.Nano()).String()
}
