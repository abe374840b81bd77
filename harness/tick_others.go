//go:build !linux

package harness

import "time"

// Tick is how much too early a timer of this kernel may seem to expire. Only Linux tells how long its ticks are.
func Tick() time.Duration { return longestTick }
