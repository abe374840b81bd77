package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/lab04_compare/exercise"
)

// TestNextStep: from error to meaning: what to do after a call has ended, so that no order is carried
// out twice and none is lost.
//
// Points: 10
// Read: lab01_timeout/TestErrorsTellSlowFromDead, lab01_timeout/TestTimeoutIsNoVerdictOnPeer, lab03_keepalive/TestDeathIsToldOnce
// Hint: Write down, for each error that you know, who has ended the call: we ourselves, the bank's program,
// its kernel, or our own kernel.
// Hint: Timeout() does not tell them apart. errors.Is does, also where the error is wrapped: ask it for
// os.ErrDeadlineExceeded, context.DeadlineExceeded, context.Canceled, net.ErrClosed, syscall.ETIMEDOUT and the like.
// Hint: Then ask what the call had sent. After a connect, nothing was sent. After a send or a receive the
// order may be with the bank; only our own timeout leaves the connection whole.
func TestNextStep(t *testing.T) {
	g := grading.Start(t, peer.UnansweredConnects, link.VanishingPeers)
	g.Step("connect: the bank answers")
	got := nextStep(g, exercise.Connect, dial(g, nil))
	g.Expect(got == exercise.GoOn, grading.Finding{
		Mistake:  "success is taken for a failure",
		Expected: fmt.Sprintf("NextStep(%q, nil) is %q", exercise.Connect, exercise.GoOn),
		Seen:     fmt.Sprintf("it is %q", got),
	})
	ends := makeEnds(t, g)
	rand.Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
	for _, e := range ends {
		g.Step("%s: %s", e.during, e.what)
		g.Outcome(harness.Client, "the error: %v", e.err)
		got := nextStep(g, e.during, e.err)
		g.Expect(got == e.want, grading.Finding{
			Mistake:  e.mistake(got),
			Expected: fmt.Sprintf("NextStep(%q, err) is %q: %s", e.during, e.want, e.because),
			Seen:     fmt.Sprintf("it is %q, for %v", got, e.err),
			Read:     e.read,
		})
		if e.err == nil {
			continue
		}
		seen := func(got exercise.Step) string {
			return fmt.Sprintf("%q for the error itself, and %q for the same one wrapped", e.want, got)
		}
		wrapped := fmt.Errorf("order %d: %w", rand.IntN(1000), e.err)
		got = nextStep(g, e.during, wrapped)
		g.Expect(got == e.want, grading.Finding{
			Mistake:  "an error that is wrapped in another is not recognised",
			Expected: "the same for an error and for one that wraps it with %w",
			Seen:     seen(got),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		misleading := fmt.Errorf(`payee "EOF & i/o timeout, connection refused by peer reset, closed, canceled, timed out": %w`, e.err)
		got = nextStep(g, e.during, misleading)
		g.Expect(got == e.want, grading.Finding{
			Mistake:  "errors are told apart by their text, which may say anything",
			Expected: fmt.Sprintf("the same for an error and for one that wraps it, here: %v", misleading),
			Seen:     seen(got),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
	}
}

func nextStep(g *grading.Grader, during exercise.Call, err error) (step exercise.Step) {
	g.Call("NextStep", 0, grading.Finding{
		Mistake:  "NextStep waits for something",
		Expected: "it looks at the error, and returns",
	}, func() { step = exercise.NextStep(during, err) })
	return step
}

// mistake says what the wrong step leads to.
func (e end) mistake(got exercise.Step) string {
	switch {
	case got == exercise.GoOn:
		return "an error is taken for success"
	case e.want == exercise.GoOn:
		return "success is taken for a failure"
	case got == exercise.Report:
		return "an error is not recognised: the kernel's number is inside of the error that net returns"
	case e.want == exercise.Stop:
		return "an end that we have made ourselves is taken for a failure"
	case e.want == exercise.Report:
		return "a mistake of ours is taken for a failure of the bank's, and never comes to light"
	case got == exercise.Stop:
		return "the order is lost: the client gives it up without asking what became of it"
	case got == exercise.CallAgain && e.during == exercise.Connect:
		return "there is no connection to call again on: the connect has failed"
	case got == exercise.CallAgain:
		return "the connection is over, and the client goes on with it"
	case e.want == exercise.CallAgain:
		return "our own timeout is taken for the end of the connection"
	case got == exercise.ConnectLater:
		return "the order may be carried out twice: it had been sent, at least in part"
	default: // AskFirst after a connect
		return "nothing was sent yet, and the client asks what became of it"
	}
}
