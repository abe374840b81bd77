package exercise_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// namesWithAddresses calls AskWithin with a name that has several addresses. A server listens on one of them (on each in turn), on
// none, and on all.
func namesWithAddresses(g *grading.Grader) {
	hosts := loopbacks()
	names := peer.NameServer(g.Experiment, hosts...)
	g.Prepare("setting the name server", func() { useNames.On(g, names) })
	listeners := onOnePort(g, hosts, hosts[:1])
	for i := range hosts { // the server moves from one address to the next
		askByName(g, hosts, listeners...)
		listeners[0].Close()
		if i+1 < len(hosts) {
			listeners = movedTo(g, hosts, hosts[i+1], listeners[0].Addr())
		}
	}
	_, port, err := net.SplitHostPort(peer.Absent(g.Experiment))
	require.NoError(g.T(), err)
	refusalIsReportedAt(g, net.JoinHostPort(serverName, port))
	expectOneClient(g, "it connects to several addresses of a name", func() int {
		return askByName(g, hosts, onOnePort(g, hosts, hosts)...)
	})
	expectOneClient(g, "it connects again after the connection was reset", func() int { return failByName(g, hosts) })
}

// expectOneClient: a server listens on all addresses of a name, and ask returns how many connections it has got. On a busy machine, the
// first address may answer so late that a dialer tries the second, so one of several calls of ask must return 1, or none.
func expectOneClient(g *grading.Grader, mistake string, ask func() (clients int)) {
	g.T().Helper()
	const attempts = 4
	clients := 0
	for range attempts {
		if clients = ask(); clients <= 1 {
			return
		}
	}
	g.Expect(false, grading.Finding{
		Sentence: "one-question",
		Mistake:  mistake,
		Expected: "one connection: the first address answers the connect",
		Seen:     story.Count(clients, "connection"),
	})
}

// failByName calls AskWithin with a name. A server listens on all of its addresses, and resets each connection when it has the request.
func failByName(g *grading.Grader, hosts []string) (clients int) {
	text := grading.NewData(1 + rand.N(100))
	g.Step("a name has the addresses %v; a server listens on all of them, and resets each connection in place of a reply", hosts)
	server := serveOn(g, serverName, text, 0, func(_ context.Context, conn *net.TCPConn) {
		conn.SetLinger(0)
		conn.Close()
	}, onOnePort(g, hosts, hosts)...)
	asking := ask(g, server.address, text, time.Minute)
	asking.WaitOrSee(0, server.hangsAfterReset)
	asking.outcome()
	server.expectClosed()
	return int(server.clients.Load())
}

// serverName begins with a digit, and has an underscore and a capital letter. A name may, so code must not take this one for an IPv4
// address, or for an invalid name.
const serverName = "4th_Server.test"

// askByName calls AskWithin with a name. A server has listeners on some of the name's addresses. askByName returns how many connections
// the server has got.
func askByName(g *grading.Grader, hosts []string, listeners ...net.Listener) (clients int) {
	text, want := grading.NewData(1+rand.N(100)), []byte(grading.Text(1+rand.N(1000)))
	g.Step("a name has the addresses %v; a server listens on %v", hosts, addrsOf(listeners))
	server := serveOn(g, serverName, text, 0, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(want)
		conn.CloseWrite()
	}, listeners...)
	asking := ask(g, server.address, text, time.Minute)
	asking.Wait(0, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it hangs though the server answers and closes",
		Expected: "AskWithin returns the reply",
	})
	got := asking.outcome()
	server.expectClosed()
	clients = int(server.clients.Load())
	if clients == 0 && got.err != nil && strings.Contains(got.err.Error(), "lookup ") {
		return clients // the student's code asks another name server, which is right, too
	}
	g.Expect(got.is(want) && got.err == nil, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it does not connect to a server that listens on one of a name's addresses",
		Expected: fmt.Sprintf("%s, no error", quoted(want)),
		Seen:     got.String(),
	})
	g.Expect(bytes.Equal(server.heard, text.Bytes()), grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server gets something other than the request",
		Expected: quoted(text.Bytes()),
		Seen:     quoted(server.heard),
	})
	return clients
}

// askedAgain: the same question is asked again, at the same address, and the server gives another answer.
func askedAgain(g *grading.Grader) {
	text := grading.NewData(1 + rand.N(100))
	var answers atomic.Int32
	server := serve(g, anyFamily(), text, func(_ context.Context, conn *net.TCPConn) {
		fmt.Fprintf(conn, "answer %d", answers.Add(1))
		conn.CloseWrite()
	})
	for i := 1; i <= 2; i++ {
		g.Step("a server is asked the same question for time %d, and answers with that number", i)
		asking := ask(g, server.address, text, time.Minute)
		asking.Wait(0, grading.Finding{Sentence: "it-returns", Mistake: "it hangs when it asks again", Expected: "AskWithin returns the reply"})
		got := asking.outcome()
		want := fmt.Sprintf("answer %d", i)
		g.Expect(got.is([]byte(want)) && got.err == nil && int(answers.Load()) == i, grading.Finding{
			Sentence: "one-question",
			Mistake:  "it does not ask the server once for each call",
			Expected: fmt.Sprintf("%q, and no error; the server is asked %s", want, story.Count(i, "time")),
			Seen:     fmt.Sprintf("%v; the server is asked %s", got, story.Count(int(answers.Load()), "time")),
		})
	}
	repliesAreKept(g)
}

// unansweredNames returns conversations in which a name uses up the budget: the name server is silent, or no address answers the
// connect.
func unansweredNames(g *grading.Grader) (all []waiting) {
	const silent, budget = "silent", 300 * time.Millisecond
	hosts := loopbacks()
	var asked atomic.Bool // the name server has got the question that it doesn't answer
	names := peer.NameServerExcept(g.Experiment, func(question []byte) bool {
		isSilent := bytes.Contains(question, []byte(silent))
		asked.Store(asked.Load() || isSilent)
		return isSilent
	}, hosts...)
	g.Prepare("setting the name server", func() { useNames.On(g, names) })
	add := func(address, says, stuck string) {
		late := grading.Finding{
			Sentence: "one-budget",
			Mistake:  stuck,
			Expected: fmt.Sprintf("it returns after %s: the server %s", story.Duration(budget), says),
			Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
		}
		all = append(all, waiting{
			says: says, stuck: stuck, budget: budget,
			with: func() (string, grading.Data) { return address, grading.NewData(10) },
			judgeReply: func(got reply) *grading.Finding {
				if !asked.Load() && got.err != nil && !got.isTimeout() && strings.Contains(got.err.Error(), "lookup ") {
					return nil // the student's code asks another name server, which is right, too
				}
				got.expectTimeout(g, 0) // no lower bound: each address may have a share of the budget
				if late.Seen = got.String(); got.took > budget*7/5 {
					return &late
				}
				return nil
			},
		})
	}
	add(net.JoinHostPort(silent+"."+serverName, "80"), "is not found: the name server is silent", "looking up a name has no timeout")
	if peer.UnansweredConnects.Missing() == "" {
		listeners := onOnePort(g, hosts, hosts)
		for _, listener := range listeners {
			g.Own(listener)
			peer.FillBacklog(g.Experiment, listener.(*net.TCPListener))
		}
		_, port, err := net.SplitHostPort(listeners[0].Addr().String())
		require.NoError(g.T(), err)
		add(net.JoinHostPort(serverName, port), fmt.Sprintf("has %d addresses, and answers no connect", len(hosts)),
			"each address of a name has the whole budget")
	}
	return all
}

// movedTo listens on another of hosts, with the port of an earlier listener. If another process has that port, movedTo takes a new one.
func movedTo(g *grading.Grader, hosts []string, host string, earlier net.Addr) (listeners []net.Listener) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(earlier.(*net.TCPAddr).Port)))
	if err != nil {
		return onOnePort(g, hosts, []string{host})
	}
	return []net.Listener{listener}
}

func addrsOf(listeners []net.Listener) (addrs []net.Addr) {
	for _, listener := range listeners {
		addrs = append(addrs, listener.Addr())
	}
	return addrs
}

// onOnePort listens on the addresses listensOn, on the same port of each. Nobody else has that port on any of hosts, not even an earlier
// server.
func onOnePort(g *grading.Grader, hosts, listensOn []string) (listeners []net.Listener) {
	const attempts = 20 // another process may have the port on one of the addresses
	var err error
	for range attempts {
		var spare []net.Listener
		listeners, spare, err = onePort(hosts, listensOn)
		for _, listener := range spare {
			listener.Close()
		}
		if err == nil {
			break
		}
	}
	require.NoError(g.T(), err)
	return listeners
}

// onePort listens on all hosts. It returns the listeners for listensOn, and the others as spare, for the caller to close. After an
// error, all of them are spare.
func onePort(hosts, listensOn []string) (listeners, spare []net.Listener, err error) {
	port := "0"
	for _, host := range hosts {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return nil, append(spare, listeners...), err
		}
		port = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
		if slices.Contains(listensOn, host) {
			listeners = append(listeners, listener)
		} else {
			spare = append(spare, listener)
		}
	}
	return listeners, spare, nil
}
