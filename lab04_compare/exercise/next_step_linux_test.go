package exercise_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// TestNextStep: after a call has ended, its error says what to do next, so that no order is carried
// out twice and none is lost.
//
// Points: 10
// Read: lab01_timeout/TestErrorsTellSlowFromDead, lab01_timeout/TestTimeoutIsNoVerdictOnPeer, lab03_keepalive/TestDeathIsReportedOnce
// Hint: Write down, for each error that you know, who has ended the call: we ourselves, the bank's program,
// its kernel, or our own kernel.
// Hint: Timeout() does not tell them apart. errors.Is does, even if the error is wrapped: use it with
// os.ErrDeadlineExceeded, context.DeadlineExceeded, context.Canceled, net.ErrClosed, syscall.ETIMEDOUT and the like.
// Hint: Then ask what the call had sent. After a connect, nothing was sent. After a send or a receive, the
// bank may have the order. Only after our own timeout can the connection still be used.
func TestNextStep(t *testing.T) {
	g := grading.Start(t, peer.UnansweredConnects, link.VanishingPeers)
	all := failures()
	g.Step("calls end in %d ways", len(all))
	quickest := make(map[exercise.Step]time.Duration)
	for _, f := range all {
		began := time.Now()
		f.expect(g, f.sentence, f.mistake, f.bare)
		quickest[f.want] = min(cmp.Or(quickest[f.want], time.Hour), time.Since(began))
	}
	for step, took := range quickest {
		const tooLong = 80 * time.Millisecond // far more than it takes to look at an error
		g.Expect(took < tooLong, grading.Finding{
			Sentence: "it-returns", Mistake: waits, Expected: looks,
			Seen: fmt.Sprintf("the quickest of several calls that return %q takes %s", step, story.Duration(took)),
		})
	}
	g.Step("calls end with each of the kernel's error numbers that no sentence names")
	for _, f := range unnamed() {
		f.expect(g, f.sentence, f.mistake, f.bare)
	}
	g.Step("the same errors come as net returns them")
	for _, f := range all {
		f.expect(g, "wrapped", unrecognized, f.byNet())
	}
	g.Step("real calls end with errors")
	for _, f := range realFailures(t, g) {
		g.Outcome(harness.Client, "%s", f.because)
		f.expect(g, "wrapped", unrecognized, f.bare)
	}
	g.Step("the same errors are wrapped")
	for _, f := range all {
		for _, d := range wrappings(f.byNet(), fmt.Sprint("order ", rand.IntN(1000))) {
			f.expect(g, "wrapped", unrecognized, d)
		}
		for _, d := range f.amongOthers() {
			f.expect(g, "wrapped", unrecognized, d)
		}
	}
	g.Step("an error's Unwrap() []error returns no errors")
	for _, during := range anyCall {
		none := failure{during: during, bare: described{Layer: holderOfAll, Text: "no printer is there"}, want: exercise.Report}
		none.because = noPart
		none.expect(g, "our-fault", none.mistake, none.bare)
	}
	g.Step("the same errors are wrapped in errors whose text misleads")
	const misleading = `payee "EOF & i/o timeout, connection refused, reset by peer, broken pipe, closed, operation was canceled, timed out"`
	for _, f := range all {
		for _, d := range wrappings(f.byNet(), misleading) {
			f.expect(g, "text", func(exercise.Step) string { return "errors are recognized by their text, which may say anything" }, d)
		}
	}
}

const waits, looks = "NextStep waits for something", "it looks at the error, and returns"

func unrecognized(exercise.Step) string { return "a wrapped error isn't recognized" }

// expect calls NextStep with the error in the form that d describes.
func (f failure) expect(g *grading.Grader, sentence string, mistake func(exercise.Step) string, d described) {
	e := ended{During: f.during, IsNil: f.isNil, Err: d}
	text := "nil"
	if !f.isNil {
		err := d.err()
		text = fmt.Sprintf("%T: %[1]v", err)
	}
	var after next
	call := fmt.Sprintf("NextStep(%q, %s)", f.during, text)
	g.Call(call, 0, grading.Finding{Sentence: "it-returns", Mistake: waits, Expected: looks}, func() { after = nextStep.On(g, e) })
	g.Expect(!after.Changed, grading.Finding{
		Sentence: "wrapped", Mistake: "NextStep changes the error that it is given",
		Expected: "the errors in it are the same after the call", Seen: "they are others, for " + text,
	})
	got := after.Step
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
		return "an error is recognized by its text, which may say anything"
	case got == exercise.Report:
		return "an error isn't recognized"
	case f.want == exercise.Stop:
		return "a call that the client itself has ended is taken for a failure"
	case f.want == exercise.Report:
		return "a fault of our own is taken for a failure of the bank, and is never reported"
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
		return "the client asks what became of the order, but nothing was sent yet"
	}
}

// failure is a call that has ended, with an error or without one.
type failure struct {
	sentence string // of the task
	during   exercise.Call
	bare     described // the error without what net wraps around it
	isNil    bool
	want     exercise.Step
	because  string
	read     string
}

// rule is what a sentence of the task says about some errors.
type rule struct {
	sentence string
	during   []exercise.Call
	bare     []described
	want     exercise.Step
	because  string
	read     string
}

const (
	slowFromDead = "lab01_timeout/TestErrorsTellSlowFromDead"
	dialTimeout  = "lab01_timeout/TestDialTimeoutGivesUp"
	noVerdict    = "lab01_timeout/TestTimeoutIsNoVerdictOnPeer"
	reportedOnce = "lab03_keepalive/TestDeathIsReportedOnce"
)

const noPart = "neither the bank nor the network has caused it"

var (
	connecting = []exercise.Call{exercise.Connect}
	talking    = []exercise.Call{exercise.Send, exercise.Receive}
	anyCall    = slices.Concat(connecting, talking)
)

// rules are the sentences of NextStep about errors, in their order.
var rules = []rule{
	{"own-end", anyCall, known("context.Canceled", "a dial that is canceled", "net.ErrClosed"),
		exercise.Stop, "the client itself has ended the call", slowFromDead},
	{"connect-timeout", connecting, timeouts,
		exercise.ConnectLater, "nothing was sent, and the bank may be reachable later", dialTimeout},
	{"no-connection", connecting, slices.Concat(losses, numbers(syscall.ETIMEDOUT)),
		exercise.ConnectLater, "nothing was sent, and the bank may be reachable later", slowFromDead},
	{"own-timeout", talking, timeouts,
		exercise.CallAgain, "only our own timeout has passed; the connection can still be used", noVerdict},
	{"lost-connection", talking, slices.Concat(losses, numbers(syscall.EPIPE)),
		exercise.AskFirst, "the connection is over, and nobody knows what became of the order", slowFromDead},
	{"kernel-timeout", talking, numbers(syscall.ETIMEDOUT),
		exercise.AskFirst, "the connection is over, and nobody knows what became of the order", reportedOnce},
	{"our-fault", anyCall, slices.Concat(
		numbers(syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EMFILE, syscall.ENFILE, syscall.EACCES, syscall.EPERM),
		ours),
		exercise.Report, noPart, ""},
	{"text", anyCall, []described{
		{Layer: unheardOf, Text: "i/o timeout"}, {Layer: unheardOf, Text: "EOF"}, {Layer: unheardOf, Text: "connection refused"},
		{Layer: unheardOf, Text: "read: connection reset by peer"}, {Layer: unheardOf, Text: "use of closed network connection"},
		{Layer: unheardOf, Text: ""},
	}, exercise.Report, "an unknown error may have any text", slowFromDead},
}

var (
	timeouts = known("os.ErrDeadlineExceeded", "context.DeadlineExceeded", "a dial that is too late")
	losses   = slices.Concat(known("io.EOF", "io.ErrUnexpectedEOF"),
		numbers(syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH))
	ours = slices.Concat(known("io.ErrShortWrite", "io.ErrNoProgress", "io.ErrClosedPipe", "os.ErrClosed"), []described{
		{Layer: unheardOf, Text: "the payee's name is too long"},
		{Layer: slow, Text: "the printer is slow"},
		{Layer: emptyHolder, Text: "the printer is out of paper"},
		{Layer: noSuchHost, Text: "bank.invalid"},
		{Layer: slowNames, Text: "bank.invalid"},
		{Layer: brokenNames, Text: "bank.invalid"},
	})
)

func known(names ...string) (bare []described) {
	for _, name := range names {
		bare = append(bare, described{Layer: end, Text: name})
	}
	return bare
}

func numbers(errnos ...syscall.Errno) (bare []described) {
	for _, n := range errnos {
		bare = append(bare, described{Layer: errno, Errno: n})
	}
	return bare
}

// failures returns the failures of all rules, in the order of the sentences, and in random order within each sentence.
func failures() (all []failure) {
	for _, during := range anyCall {
		all = append(all, failure{sentence: "success", during: during, isNil: true, want: exercise.GoOn, because: "the call has succeeded"})
	}
	for _, r := range rules {
		first := len(all)
		for _, during := range r.during {
			for _, bare := range r.bare {
				all = append(all, failure{r.sentence, during, bare, false, r.want, r.because, r.read})
			}
		}
		inSentence := all[first:]
		rand.Shuffle(len(inSentence), func(i, j int) { inSentence[i], inSentence[j] = inSentence[j], inSentence[i] })
	}
	return all
}
