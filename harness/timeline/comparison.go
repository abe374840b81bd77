package timeline

import (
	"fmt"
	"regexp"
	"time"
)

// Comparison is a check of how long something took: never less than what it should at least.
type Comparison struct{ Took, Least time.Duration }

// String gives both to a millisecond.
func (c Comparison) String() string {
	return fmt.Sprintf("after %v, never before %v", c.Took.Round(time.Millisecond), c.Least.Round(time.Millisecond))
}

var comparison = regexp.MustCompile(`^after (\S+), never before (\S+)$`)

// Comparison is what the event compares, if it does: to a millisecond.
func (e Event) Comparison() (c Comparison, ok bool) {
	found := comparison.FindStringSubmatch(e.Text)
	if found == nil {
		return Comparison{}, false
	}
	took, err := time.ParseDuration(found[1])
	if err != nil {
		return Comparison{}, false
	}
	least, err := time.ParseDuration(found[2])
	return Comparison{Took: took, Least: least}, err == nil
}
