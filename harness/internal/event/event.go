// Package event waits for something to happen, up to a limit.
package event

import "time"

// Within waits until something happens, which closes the channel, or until the limit is over. It reports whether the
// channel is closed. On a busy machine, both may be true before we look. A select would then choose one at random, but Within
// reports that the channel is closed.
func Within(limit time.Duration, happened <-chan struct{}) bool {
	select {
	case <-happened:
		return true
	case <-time.After(limit):
	}
	select {
	case <-happened:
		return true
	default:
		return false
	}
}
