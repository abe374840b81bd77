// Package event waits for something to happen, up to a limit.
package event

import "time"

// Within waits until something happens, which closes the channel, or until the limit is over. It reports whether the
// channel is closed. On a busy machine, the channel may be closed and the limit may be over before Within looks. A select
// would choose one of the two at random, but Within reports that the channel is closed.
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
