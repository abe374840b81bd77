package event_test

import (
	"testing"
	"time"

	"socketlabs/harness/internal/event"
)

func TestWhatHasHappenedHasHappenedInTime(t *testing.T) {
	happened := make(chan struct{})
	if event.Within(time.Millisecond, happened) {
		t.Error("nothing has happened")
	}
	close(happened)
	for range 100 {
		if !event.Within(-time.Second, happened) {
			t.Fatal("it has happened before the limit was looked at")
		}
	}
}
