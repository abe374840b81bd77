package grading

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A student reads a step beside the times of the finding, which have their units, too.
func TestStepsHaveUnits(t *testing.T) {
	args := []any{3, 100 * time.Hour, 1500 * time.Microsecond, "late"}
	assert.Equal(t, "3 calls, 100 h, then 1.5 ms: late", inWords("%d calls, %v, then %v: %s", args))
	assert.Equal(t, 100*time.Hour, args[1], "the caller's arguments stay")
}
