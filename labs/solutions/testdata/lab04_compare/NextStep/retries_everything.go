// Mistake: whatever it does not know is a failure of the bank.
// Says: never comes to light

package exercise

import (
	"context"
	"errors"
	"net"
	"os"
)

// NextStep tells errors apart by what is inside of them.
func NextStep(during Call, err error) Step {
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	sentNothing := during == Connect
	switch {
	case err == nil:
		return GoOn
	case is(context.Canceled, net.ErrClosed):
		return Stop
	case is(os.ErrDeadlineExceeded, context.DeadlineExceeded):
		if sentNothing {
			return ConnectLater
		}
		return CallAgain
	default:
		if sentNothing {
			return ConnectLater
		}
		return AskFirst
	}
}
