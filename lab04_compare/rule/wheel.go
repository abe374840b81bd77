package rule

import "time"

// granule returns how late a kernel timer that is set to d may expire: calc_wheel_index() in kernel/time/timer.c. Timers of
// less than 63 ticks expire at the next tick. Timers of less than 8 × 63 ticks expire at the next multiple of eight ticks,
// and so on. So a timer is late by at most an eighth of its time.
func (s System) granule(d time.Duration) time.Duration {
	const slots, step, levels = 63, 8, 9 // LVL_SIZE - 1, 1 << LVL_CLK_SHIFT, LVL_DEPTH
	ticks, size := int64(d/s.Tick)+1, int64(1)
	for level, most := 1, int64(slots); level < levels && ticks >= most; level++ {
		size *= step
		most *= step
	}
	return time.Duration(size) * s.Tick
}

// moment is when something happens: if all timers are on time, and if each timer is as late as it may be.
type moment struct{ onTime, latest time.Duration }

// then returns the moment when a timer expires, if it was set to d at the moment m.
func (m moment) then(d time.Duration, s System) moment {
	return moment{m.onTime + d, m.latest + d + s.granule(d)}
}
