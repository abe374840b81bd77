//go:build !linux

package harness

import "time"

// Tick is what a timer of this kernel may seem early by. Only Linux tells how often it ticks.
func Tick() time.Duration { return longestTick }
