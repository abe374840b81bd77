package rule

import "time"

// granule is how late a timer of the kernel may go off that is set to d: calc_wheel_index() in kernel/time/timer.c.
// Timers of less than 63 ticks go off at the next tick, those of less than 8 × 63 at the next multiple of eight, and so
// on: an eighth of the time at most.
func (s System) granule(d time.Duration) time.Duration {
	const slots, step, levels = 63, 8, 9 // LVL_SIZE - 1, 1 << LVL_CLK_SHIFT, LVL_DEPTH
	ticks, size := int64(d/s.Tick)+1, int64(1)
	for level, most := 1, int64(slots); level < levels && ticks >= most; level++ {
		size *= step
		most *= step
	}
	return time.Duration(size) * s.Tick
}

// moment is when something happens: if all timers go off on time, and if each is as late as it may be.
type moment struct{ onTime, latest time.Duration }

// then is the moment at which a timer expires that is set to d at m.
func (m moment) then(d time.Duration, s System) moment {
	return moment{m.onTime + d, m.latest + d + s.granule(d)}
}
