package exercise_test

import (
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
// Hint: Go through the table and look at Local, Remote and State of each entry. Which of the two addresses is the socket's own?
// Hint: The entries are in no particular order. The first one that you find at the address need not be the one that counts.
// Hint: A connection goes through many states: harness/kernel lists them. TIME_WAIT is the only state in which the connection is over.
// Hint: If a socket is bound to a wildcard, Local.Addr().IsUnspecified() is true. To which family does this socket belong?
func TestWhoHolds(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable, link.VanishingPeers, peer.UnansweredConnects)
	w := &holders{g: g, lingers: math.MaxInt64}
	madeUp := w.inTable() // first: code that waits for the table to change waits longest here, and the finding says so
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
	w.changesMeanwhile()
	w.tableFails()
	w.madeUpTableFails()
	w.g.Expect(w.lingers < long, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "your code leaves goroutines behind: they end only after WhoHolds has returned",
		Expected: "what your code has started has ended when WhoHolds has returned",
		Seen:     "goroutines are still there " + story.Duration(w.lingers) + " after the return",
	})
}

// holders opens sockets that keep ports busy, and calls WhoHolds for these ports.
type holders struct {
	g       *grading.Grader
	asked   []*question
	touched bool          // WhoHolds has called one of anyIPSocket
	lingers time.Duration // the shortest time for which goroutines have lived on after a call
}

// ofAnswers are the sentences of the task that a wrong answer can break, in the order in which the answers are judged: sentences
// about which entries count come before sentences about the states of these entries.
var ofAnswers = []string{
	"nobody", "other-address", "other-end", "wildcard", "dual-stack", "time-wait", "listener", "connection", "mapped", "goroutines",
}

// question is a call of WhoHolds in one situation, with its result.
type question struct {
	f         grading.Finding // the finding if the answer is wrong
	situation string
	address   netip.AddrPort
	want      exercise.Holder

	got          holding
	table, after []kernel.Socket // the entries with this port, before and after the call
}

// who calls WhoHolds for an address, in a situation that the caller has made.
func (w *holders) who(f grading.Finding, situation string, address netip.AddrPort, want exercise.Holder) {
	w.g.T().Helper()
	w.g.Step("%s: %v", situation, address)
	q := &question{f: f, situation: situation, address: address, want: want}
	w.ask(q)
	w.asked = append(w.asked, q)
}

// askAgain asks all questions once more, in random order. By now, the sockets of all situations are there.
func (w *holders) askAgain() {
	w.g.T().Helper()
	for _, i := range rand.Perm(len(w.asked)) {
		again := *w.asked[i]
		w.ask(&again)
		w.asked = append(w.asked, &again)
	}
}

// withPort returns the entries of the kernel's table that have the port in Local or Remote.
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

// judgeAnswers judges the answers to all questions, in the order of ofAnswers.
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
	w.g.Step("the answers are checked: %s", q.situation)
	q.f.Mistake = fmt.Sprintf("where %s, the answer is wrong", q.situation)
	q.f.Expected = fmt.Sprintf("WhoHolds(%v) returns %q", q.address, q.want)
	q.f.Seen = seen + "; " + inFull(q.table)
	w.g.Expect(false, q.f)
}

// inFull describes entries of the kernel's table, each with both of its addresses.
func inFull(table []kernel.Socket) string {
	if len(table) == 0 {
		return "the table has no entry with this port"
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

// judgeTouch checks that WhoHolds opens no socket: the table has the same entries before and after the call, and WhoHolds calls none
// of anyIPSocket.
func (w *holders) judgeTouch(q *question) {
	w.g.T().Helper()
	touched := grading.Finding{
		Sentence: "untouched",
		Mistake:  "a TCP socket is opened: after the call of WhoHolds, the table has other entries",
		Expected: fmt.Sprintf("where %s, the table has the same entries as before: %s", q.situation, inFull(q.table)),
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
	Expected: "WhoHolds only reads the table",
	Seen:     "WhoHolds calls socket(2) for IPv4 or IPv6",
}

// endsOf returns both addresses of each entry, sorted.
func endsOf(sockets []kernel.Socket) (ends []string) {
	for _, s := range sockets {
		ends = append(ends, fmt.Sprint(s.Local, s.Remote))
	}
	slices.Sort(ends)
	return ends
}

// tableFails: the kernel refuses the netlink socket that SocketTable needs, so SocketTable fails. The kernel refuses nothing to
// other goroutines: if the code calls SocketTable in one of its own, the answer must be right.
func (w *holders) tableFails() {
	w.g.T().Helper()
	q := w.asked[slices.IndexFunc(w.asked, func(q *question) bool { return q.want == exercise.Listener })]
	errno := []syscall.Errno{unix.EMFILE, unix.ENOBUFS, unix.EACCES, unix.EPERM}[rand.IntN(4)]
	w.g.Step("SocketTable fails, because the kernel refuses it a netlink socket: %v", errno)
	var got holding
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "table-error",
		Mistake:  "it hangs when SocketTable fails",
		Expected: "the error, at once",
	}, func() {
		got = whoHolds.On(w.g, place{Address: q.address, Refused: []refuse.Call{refuse.Socket(unix.AF_NETLINK, errno)}})
	})
	if got.Unable != "" {
		w.g.Step("that can't be shown here: %s", got.Unable)
		return
	}
	if got.Err != nil || got.Holder != q.want {
		w.judgeTableError(got, errno)
	}
}
