package exercise_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
	"socketlabs/lab02_reuseaddr/exercise"
)

// TestWhoHolds: the kernel's table of sockets tells what keeps a port busy.
//
// Points: 10
// Read: TestTimeWaitKeepsPortBusy, TestPortIsFreeWhenClientClosesFirst, TestLiveConnectionKeepsPortBusy, TestKilledServerCanNotRestart
// Hint: Go through the table and look at Local, Remote and State of each entry. Which of the two addresses is its own?
// Hint: The order of the entries is the kernel's. The first that you find need not be the one that counts.
// Hint: A connection goes through many states: harness/kernel lists them. TIME_WAIT is the only state in which the connection is over.
// Hint: A socket that is bound to every address has Local.Addr().IsUnspecified(). To which family does it belong?
func TestWhoHolds(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable, link.VanishingPeers, peer.UnansweredConnects)
	w := &holders{g: g, lingers: math.MaxInt64}
	madeUp := w.inTable() // first: who waits for something waits for long here, and is told that
	for _, host := range grading.Hosts() {
		w.atOneAddress(host)
	}
	if harness.BothFamilies.Missing() == "" {
		w.atEveryAddress()
	}
	w.askAgain()
	w.judgeAnswers(w.asked)
	w.g.Expect(!w.touched, opensSocket)
	w.judgeAnswers(madeUp)
	for _, q := range w.asked {
		w.judgeTouch(q)
	}
	w.tableFails(w.asked[0].address)
	w.madeUpTableFails()
	w.g.Expect(w.lingers < long, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "your code leaves goroutines behind, which end later",
		Expected: "what your code has started has ended when WhoHolds has returned",
		Seen:     "they are still there " + story.Duration(w.lingers) + " later",
	})
}

// holders makes ports be held, and asks who holds them.
type holders struct {
	g       *grading.Grader
	asked   []*question
	touched bool          // a socket of TCP was opened
	lingers time.Duration // for how long goroutines have outlived a call, at least
}

// The sentences about what is there, in the order in which the answers are judged: which addresses count comes before
// what is at them.
var ofAnswers = []string{
	"nobody", "other-address", "other-end", "wildcard", "dual-stack", "time-wait", "listener", "connection", "mapped", "goroutines",
}

// question is what the student's code is asked in one situation, and what came of it.
type question struct {
	f         grading.Finding // what is wrong if the answer is
	situation string
	address   netip.AddrPort
	want      exercise.Holder

	got          holding
	table, after []kernel.Socket
}

// who asks about a situation that is there by now.
func (w *holders) who(f grading.Finding, situation string, address netip.AddrPort, want exercise.Holder) {
	w.g.T().Helper()
	w.g.Step("%s: %v", situation, address)
	q := &question{f: f, situation: situation, address: address, want: want}
	w.ask(q)
	w.asked = append(w.asked, q)
}

// askAgain asks all questions once more, when all that is asked about is there, and in any order.
func (w *holders) askAgain() {
	w.g.T().Helper()
	for _, i := range rand.Perm(len(w.asked)) {
		again := *w.asked[i]
		w.ask(&again)
		w.asked = append(w.asked, &again)
	}
}

// withPort are the entries of the table that have the port at either end.
func (w *holders) withPort(port uint16) (found []kernel.Socket) {
	w.g.T().Helper()
	table, err := kernel.AllSockets()
	require.NoError(w.g.T(), err)
	for _, s := range table {
		if s.Local.Port() == port || s.Remote.Port() == port {
			found = append(found, s)
		}
	}
	return found
}

func (w *holders) ask(q *question) {
	w.g.T().Helper()
	q.table = w.withPort(q.address.Port())
	stuck := grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it hangs",
		Expected: "an answer at once: the table is there to be read",
	}
	w.g.Call("WhoHolds", 0, stuck, func() { q.got = whoHolds.On(w.g, place{Address: q.address}) })
	q.after = w.withPort(q.address.Port())
	w.g.Outcome(harness.Server, "WhoHolds(%v), where %s: %s, %v", q.address, q.situation, q.got.Holder, q.got.Err.Err())
}

// judgeAnswers looks at all of them, in the order of the sentences.
func (w *holders) judgeAnswers(asked []*question) {
	w.g.T().Helper()
	slices.SortStableFunc(asked, func(a, b *question) int {
		return slices.Index(ofAnswers, a.f.Sentence) - slices.Index(ofAnswers, b.f.Sentence)
	})
	for _, q := range asked {
		w.judgeAnswer(q)
	}
}

func (w *holders) judgeAnswer(q *question) {
	w.g.T().Helper()
	if q.got.Err == nil && q.got.Holder == q.want {
		return
	}
	seen := fmt.Sprintf("%q", q.got.Holder)
	if q.got.Err != nil {
		seen = q.got.Err.Text
	}
	w.g.Step("the answers are looked through: %s", q.situation)
	q.f.Mistake = fmt.Sprintf("where %s, the answer is wrong", q.situation)
	q.f.Expected = fmt.Sprintf("WhoHolds(%v) returns %q", q.address, q.want)
	q.f.Seen = seen + "; " + inFull(q.table)
	w.g.Expect(false, q.f)
}

// inFull is a part of the kernel's table, with both ends of each entry.
func inFull(table []kernel.Socket) string {
	if len(table) == 0 {
		return "the table has nothing of this port"
	}
	const most = 8 // entries that are shown
	text := "the table"
	for _, s := range table[:min(len(table), most)] {
		text += fmt.Sprintf("; at %v: %v", s.Local, s)
	}
	if len(table) > most {
		text += fmt.Sprintf("; and %d more", len(table)-most)
	}
	return text
}

// judgeTouch: the table must be the same before and after, and no socket of TCP be opened.
func (w *holders) judgeTouch(q *question) {
	w.g.T().Helper()
	touched := grading.Finding{
		Sentence: "untouched",
		Mistake:  "a TCP socket is opened: after the question, another socket is there",
		Expected: fmt.Sprintf("where %s, the table as it was: %s", q.situation, inFull(q.table)),
		Seen:     inFull(q.after),
		Read:     q.f.Read,
	}
	w.g.Expect(slices.Equal(endsOf(q.table), endsOf(q.after)), touched)
	var got holding
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "untouched",
		Mistake:  "it hangs when it can't open a socket",
		Expected: "an answer at once: the table is there to be read",
	}, func() { got = whoHoldsWatched.On(w.g, q.address) })
	w.g.Expect(!got.Touched, opensSocket)
}

var opensSocket = grading.Finding{
	Sentence: "untouched",
	Mistake:  "a TCP socket is opened, and reading the table needs none",
	Expected: "the table is read, and nothing else is done",
	Seen:     "socket(2) is called, for a socket of IPv4 or IPv6",
}

// endsOf are both ends of the entries, in any order.
func endsOf(sockets []kernel.Socket) (ends []string) {
	for _, s := range sockets {
		ends = append(ends, fmt.Sprint(s.Local, s.Remote))
	}
	slices.Sort(ends)
	return ends
}

// tableFails: the kernel refuses the socket by which it is asked.
func (w *holders) tableFails(address netip.AddrPort) {
	w.g.T().Helper()
	errno := []syscall.Errno{unix.EMFILE, unix.ENOBUFS, unix.EACCES, unix.EPERM}[rand.IntN(4)]
	w.g.Step("the kernel gives no table: %v", errno)
	var got holding
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "table-error",
		Mistake:  "it hangs when SocketTable fails",
		Expected: "the error, at once",
	}, func() {
		got = whoHolds.On(w.g, place{address, []refuse.Call{refuse.Socket(unix.AF_NETLINK, errno)}})
	})
	if got.Unable != "" {
		w.g.Step("that can't be shown here: %s", got.Unable)
		return
	}
	w.judgeTableError(got, errno)
}

// judgeTableError: the answer says what was wrong with the table.
func (w *holders) judgeTableError(got holding, wanted ...error) {
	w.g.T().Helper()
	for _, err := range wanted {
		f := grading.Finding{
			Sentence: "table-error",
			Mistake:  "the error of SocketTable is lost",
			Expected: fmt.Sprintf("an error by which errors.Is finds %q", err),
			Seen:     fmt.Sprintf("%q, and no error", got.Holder),
		}
		w.g.Expect(got.Err != nil, f)
		f.Mistake = "the error does not say what is wrong"
		f.Seen = got.Err.Type + ": " + got.Err.Text
		w.g.Expect(errors.Is(got.Err.Err(), err), f)
	}
}
