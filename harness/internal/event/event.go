// Package event waits for what is to happen.
package event

import "time"

// Within waits until something has happened, which closes the channel, or until a limit is over, and reports whether it has
// happened. What has happened when the limit is over has happened in time: on a busy machine, both can be so before we
// look, and select takes either.
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
