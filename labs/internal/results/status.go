package results

import (
	"cmp"
	"time"

	"socketlabs/harness/story"
)

// Status says how long the tests have been running, or what they wait for.
func (r *Results) Status() string {
	if r.HaveBegun() {
		return story.Tenths(time.Since(r.began))
	}
	if r.asked.IsZero() {
		r.asked = time.Now()
	}
	return story.Tenths(time.Since(r.asked)) + "  " + cmp.Or(r.Awaits, r.Compiling.String())
}
