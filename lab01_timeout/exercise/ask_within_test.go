package exercise_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// TestAskWithin: connecting, sending the request and receiving the whole reply share one budget.
//
// Points: 10
// Read: TestOneDeadlineBoundsWholeExchange, TestDialTimeoutGivesUp, TestRearmedDeadlineIsForEachRead, TestErrorsTellSlowFromDead
// Hint: Read the clock once, at the beginning: the moment at which the budget is spent is the same for all
// steps.
// Hint: net.Dialer has a Deadline, and a connection has SetDeadline. Both take that moment.
// Hint: One Read returns what has come so far, not the reply. io.ReadAll reads to the end, and also returns what
// came before an error. Close the connection with defer.
func TestAskWithin(t *testing.T) {
	g := grading.Start(t)
	judgeLong := waitsLong(g)
	conversation{anyFamily(), 1 + rand.N(1000), grading.Bytes(33<<20 + rand.N(4<<20))}.begin(g)()
	namesWithAddresses(g)
	askedAgain(g)
	answeredAtOnce(g)
	waits(g)
	descriptorsAreUsedUp(g)
	manyAtOnce(g)
	askedTwice(g)
	listensLater(g)
	shortBudgets(g)
	refusedWithoutBudget(g)
	answeredAtOnce(g)
	repliesAreKept(g)
	judgeLong()
}

// answeredAtOnce runs the conversations in which AskWithin need not wait, in an order that varies.
func answeredAtOnce(g *grading.Grader) {
	size := func() int { return 1 + rand.N(1000) }
	conversations := []conversation{
		{anyFamily(), 1, nil},
		{anyFamily(), 0, grading.Bytes(1)},
		{"127.0.0.1:0", size(), grading.Bytes(size())},
		{anyFamily(), (4 + rand.N(96)) << 16, grading.Bytes(6<<20 + rand.N(2<<20))}, // code that sends in pieces may lose the last of equal ones
		{anyFamily(), size(), grading.Bytes(64<<10 + rand.N(2<<20))},
	}
	for _, end := range append(strings.Split(trimmed, ""), "\ufeff") { // the last one is a byte order mark
		reply := slices.Concat([]byte(end), grading.Bytes(size()), []byte(end))
		conversations = append(conversations, conversation{anyFamily(), size(), reply})
	}
	if harness.BothFamilies.Missing() == "" {
		conversations = append(conversations, conversation{"[::1]:0", size(), grading.Bytes(size())})
		for _, host := range zoned() {
			conversations = append(conversations, conversation{net.JoinHostPort(host, "0"), size(), grading.Bytes(size())})
		}
	}
	if runtime.GOOS == "linux" { // an IPv6 address that stands for an IPv4 address
		conversations = append(conversations, conversation{"[::ffff:127.0.0.1]:0", size(), grading.Bytes(size())})
	}
	if len(localhosts()) > 0 {
		conversations = append(conversations, conversation{"localhost:0", size(), grading.Bytes(size())})
	}
	rand.Shuffle(len(conversations), func(i, k int) { conversations[i], conversations[k] = conversations[k], conversations[i] })
	quickest := grading.Patience
	var judges []func() reply
	for _, c := range conversations {
		judges = append(judges, c.begin(g)) // concurrently: calls share nothing
	}
	for _, judge := range judges {
		quickest = min(quickest, judge().took)
	}
	g.Expect(quickest < soon, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it waits when it has the whole reply",
		Expected: "AskWithin returns at once: the server answers at once, and closes",
		Seen:     fmt.Sprintf("the quickest of %s takes %s", story.Count(len(conversations), "call"), story.Duration(quickest)),
	})
	wrong := []func(*grading.Grader){refusalIsReported, resetIsReported, failedSendIsReported, unreachableIsReported, zeroOrNegativeBudget}
	rand.Shuffle(len(wrong), func(i, k int) { wrong[i], wrong[k] = wrong[k], wrong[i] })
	for _, conversation := range append(wrong, earlyResetIsReported) {
		conversation(g)
	}
}

// soon is an upper bound for the quickest of several calls that need not wait. On a busy machine, one call alone may be late.
const soon = 100 * time.Millisecond

// conversation is a call of AskWithin to a server that replies at once, and closes.
type conversation struct {
	at      string // the server's address
	request int    // its length, in bytes
	reply   []byte
}

// begin begins the conversation. It returns a function that judges what AskWithin returns.
func (c conversation) begin(g *grading.Grader) (judge func() reply) {
	text, want := grading.NewData(c.request), c.reply
	what := fmt.Sprintf("a server at %s answers a request of %d bytes with %d bytes, in pieces", c.at, c.request, len(want))
	g.Step("%s", what)
	server := serve(g, c.at, text, func(_ context.Context, conn *net.TCPConn) {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+rand.N(200<<10))
			if _, err := conn.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
		conn.CloseWrite()
	})
	asking := ask(g, server.address, text, time.Minute)
	return func() reply {
		g.Step("the outcome: %s", what)
		asking.Reaches(server.asked, 0, grading.Finding{
			Sentence: "one-question",
			Mistake:  "the server does not get the whole request",
			Expected: quoted(text.Bytes()),
		})
		asking.Wait(0, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it hangs though the server answers and closes",
			Expected: "AskWithin returns the reply",
			Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
		})
		got := asking.outcome()
		server.expectRequest(got)
		g.Expect(!asking.behind, grading.Finding{Sentence: "one-question", Mistake: "it changes what is behind the request", Expected: "no change"})
		g.Expect(got.is(want) && got.err == nil, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it does not return the whole reply",
			Expected: fmt.Sprintf("%s, no error", quoted(want)),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
		})
		return got
	}
}

// repliesAreKept: all replies so far are as they were, and so are the parts that came with an error.
func repliesAreKept(g *grading.Grader) {
	g.T().Helper()
	stay := false
	g.Prepare("looking at the earlier replies", func() { stay = repliesStay.On(g, struct{}{}) })
	g.Expect(stay, grading.Finding{Sentence: "whole-reply", Mistake: "a later call changes an earlier reply", Expected: "it is as before"})
}

// unreachableIsReported: the address is a multicast address. On Linux, connect fails with ENETUNREACH: tcp_v4_connect().
func unreachableIsReported(g *grading.Grader) {
	if runtime.GOOS != "linux" {
		return
	}
	_, port, err := net.SplitHostPort(peer.Absent(g.Experiment))
	require.NoError(g.T(), err)
	atOnce(g, func() reply {
		g.Step("an address that can't be reached, and a budget of a minute")
		got := askInVain(g, net.JoinHostPort("224.0.0.1", port), time.Minute, "it spends the budget on an address that can't be reached")
		got.expectOther(g, "an unreachable address is not reported as what it is", "the error of the connect", syscall.ENETUNREACH)
		return got
	})
}

// withoutDescriptors runs call while the process can open no more descriptors.
var withoutDescriptors = func(call func()) { call() } // on Linux, driver_options_linux_test.go sets it

// descriptorsAreUsedUp: AskWithin can't open a socket: EMFILE in socket(2).
func descriptorsAreUsedUp(g *grading.Grader) {
	if runtime.GOOS != "linux" {
		return
	}
	atOnce(g, func() reply {
		g.Step("a process that has as many descriptors as it may have, and a budget of a minute")
		asking := begin(g, grading.NewData(10), asked{Address: peer.Absent(g.Experiment), Budget: time.Minute, NoDescriptors: true})
		asking.Wait(0, grading.Finding{
			Sentence: "says-other",
			Mistake:  "it waits until it can open a socket",
			Expected: "AskWithin returns the error at once",
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		got := asking.outcome()
		got.expectOther(g, "an error of the kernel is not reported as what it is", "the error of socket(2), EMFILE", syscall.EMFILE)
		return got
	})
}

// What follows runs in the student's process: see driver_test.go. asked holds the arguments of AskWithin, and answer its results.
type asked struct {
	Address string
	Text    grading.Handle[[]byte]
	Budget  time.Duration

	NoDescriptors bool // the process can open no more descriptors
}

type answer struct {
	Reply []byte // the beginning of the reply
	Size  int
	Sum   [sha256.Size]byte // of the whole reply
	Err   *grading.WireError

	Changed, Behind bool // the caller's request, or what is behind it, is no longer what it was
}

// mostReply is how many bytes of a reply go to the grader's process: more would take too long.
const mostReply = 64 << 10

var askWithin = grading.Export("AskWithin", func(q asked) answer {
	defer q.Text.Drop()
	text := q.Text.Get()
	isSame, isSameBehind := staysSame(text), staysSame(text[len(text):cap(text)])
	var reply []byte
	var err error
	call := func() { reply, err = exercise.AskWithin(q.Address, text, q.Budget) }
	if q.NoDescriptors {
		withoutDescriptors(call)
	} else {
		call()
	}
	remember(reply)
	return answer{reply[:min(len(reply), mostReply)], len(reply), sha256.Sum256(reply), grading.ToWire(err), !isSame(), !isSameBehind()}
})

// manyAsks are calls of AskWithin.
type manyAsks struct {
	Address string
	Budget  time.Duration
	Calls   int
}

// quickestAsk makes these calls, one after the other, and returns how long the quickest took.
var quickestAsk = grading.Export("quickest AskWithin", func(m manyAsks) time.Duration {
	return quickestOf(m.Calls, func() { exercise.AskWithin(m.Address, []byte("?"), m.Budget) })
})
