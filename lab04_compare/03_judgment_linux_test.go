package lab04_compare

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"socketlabs/lab04_compare/rule"
)

// judgment says whether a defense does what we wish in a situation.
type judgment string

const (
	right      judgment = "right"
	blind      judgment = "blind"       // it does not notice the failure
	falseAlarm judgment = "false alarm" // it ends a healthy connection
)

// wish is what we would like a defense to do in a situation. A slow answer counts as a failure of the call: the call
// should end. A peer that pauses reading counts as healthy: the call should survive.
type wish int

const (
	end     wish = iota // our call should end, in bounded time
	survive             // our call should survive, and be served
)

func (w wish) judge(outcome string) judgment {
	switch {
	case outcome == stillWaiting:
		return blind
	case w == survive && outcome != served.outcome:
		return falseAlarm
	default:
		return right
	}
}

// Two outcomes of our call, as package rule names them.
const (
	stillWaiting = rule.Waiting
	deadline     = rule.Deadline
)

func outcomeOf(err error) string {
	for _, outcome := range []struct {
		name string
		err  error
	}{
		{"ETIMEDOUT", syscall.ETIMEDOUT},
		{"ECONNRESET", syscall.ECONNRESET},
		{"EOF", io.EOF},
		{deadline, os.ErrDeadlineExceeded},
		{deadline, context.DeadlineExceeded}, // from a dial: see lab01_timeout/TestErrorsTellSlowFromDead
	} {
		if errors.Is(err, outcome.err) {
			return outcome.name
		}
	}
	if err != nil {
		return err.Error()
	}
	return served.outcome
}
