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

// TestNextStep: after a call has ended, its error says what to do next, so that no order is carried
// out twice and none is lost.
//
// Points: 10
// Read: lab01_timeout/TestErrorsTellSlowFromDead, lab01_timeout/TestTimeoutIsNoVerdictOnPeer, lab03_keepalive/TestDeathIsToldOnce
// Hint: Write down, for each error that you know, who has ended the call: we ourselves, the bank's program,
// its kernel, or our own kernel.
// Hint: Timeout() does not tell them apart. errors.Is does, also if the error is wrapped: ask it for
// os.ErrDeadlineExceeded, context.DeadlineExceeded, context.Canceled, net.ErrClosed, syscall.ETIMEDOUT and the like.
// Hint: Then ask what the call had sent. After a connect, nothing was sent. After a send or a receive the
// order may be with the bank. Only after our own timeout can the connection still be used.
func TestNextStep(t *testing.T) {
	g := grading.Start(t, peer.UnansweredConnects, link.VanishingPeers)
	all := failures()
	g.Step("calls end in %d ways", len(all))
	for _, f := range all {
		f.expect(g, f.sentence, f.mistake, f.bare)
	}
	g.Step("the same errors come as net returns them")
	for _, f := range all {
		f.expect(g, "wrapped", isWrapped, f.byNet())
	}
	g.Step("real calls are made to end")
	for _, f := range realFailures(t, g) {
		g.Outcome(harness.Client, "%s", f.because)
		f.expect(g, "wrapped", isWrapped, f.bare)
	}
	g.Step("the same errors are wrapped")
	for _, f := range all {
		for _, d := range wrappings(f.byNet(), fmt.Sprint("order ", rand.IntN(1000))) {
			f.expect(g, "wrapped", isWrapped, d)
		}
	}
	g.Step("they are wrapped in errors whose text misleads")
	const misleading = `payee "EOF & i/o timeout, connection refused, reset by peer, closed, canceled, timed out"`
	for _, f := range all {
		for _, d := range wrappings(f.byNet(), misleading) {
			f.expect(g, "text", func(exercise.Step) string { return "errors are told apart by their text, which may say anything" }, d)
		}
	}
}

func isWrapped(exercise.Step) string { return "an error that others wrap isn't recognized" }

// expect calls NextStep with a form of the error.
func (f failure) expect(g *grading.Grader, sentence string, mistake func(exercise.Step) string, d described) {
	e := ended{During: f.during, IsNil: f.isNil, Err: d}
	text := "nil"
	if !f.isNil {
		err := d.err()
		text = fmt.Sprintf("%T: %[1]v", err)
	}
	var got exercise.Step
	g.Call(fmt.Sprintf("NextStep(%q, %s)", f.during, text), 0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "NextStep waits for something",
		Expected: "it looks at the error, and returns",
	}, func() { got = nextStep.On(g, e) })
	g.Expect(got == f.want, grading.Finding{
		Sentence: sentence,
		Mistake:  mistake(got),
		Expected: fmt.Sprintf("NextStep(%q, err) is %q: %s", f.during, f.want, f.because),
		Seen:     fmt.Sprintf("it is %q, for %s", got, text),
		Read:     f.read,
	})
}

// mistake says what the wrong step leads to.
func (f failure) mistake(got exercise.Step) string {
	switch {
	case got == exercise.GoOn:
		return "an error is taken for success"
	case f.want == exercise.GoOn:
		return "success is taken for a failure"
	case f.sentence == "text":
		return "an error is told by its text, which may say anything"
	case got == exercise.Report:
		return "an error isn't recognized"
	case f.want == exercise.Stop:
		return "an end that we have made ourselves is taken for a failure"
	case f.want == exercise.Report:
		return "a mistake of ours is taken for a failure of the bank's, and never comes to light"
	case got == exercise.Stop:
		return "the order is lost: the client gives it up without asking what became of it"
	case got == exercise.CallAgain && f.during == exercise.Connect:
		return "there is no connection to call again on: the connect has failed"
	case got == exercise.CallAgain:
		return "the connection is over, and the client goes on with it"
	case f.want == exercise.CallAgain:
		return "our own timeout is taken for the end of the connection"
	case got == exercise.ConnectLater:
		return "the order may be carried out twice: it had been sent, at least in part"
	default: // AskFirst after a connect
		return "nothing was sent yet, and the client asks what became of it"
	}
}
