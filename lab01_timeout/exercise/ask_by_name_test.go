package exercise_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// namesWithAddresses: a name has several addresses. A server listens on one of them, whichever it is, on none, and on all.
func namesWithAddresses(g *grading.Grader) {
	var hosts []string
	for _, host := range grading.Hosts() {
		hosts = append(hosts, host.String())
	}
	if runtime.GOOS == "linux" { // others have one address of IPv4 for the loopback
		hosts = append(hosts, "127.0.0.2", "127.0.0.3")
	}
	names := peer.NameServer(g.Experiment, hosts...)
	g.Prepare("to use a name server", func() { useNames.On(g, names) })
	for _, host := range hosts {
		askByName(g, hosts, host)
	}
	_, port, err := net.SplitHostPort(peer.Absent(g.Experiment))
	require.NoError(g.T(), err)
	absenceAtIsTold(g, net.JoinHostPort(serverName, port))
	const attempts = 4 // a dialer may try a second address when a busy machine lets it wait for the first
	clients := 0
	for range attempts {
		if clients = askByName(g, hosts, hosts...); clients <= 1 {
			return
		}
	}
	g.Expect(false, grading.Finding{
		Sentence: "one-question",
		Mistake:  "it connects to several addresses of a name",
		Expected: "one connection: the first address answers",
		Seen:     story.Count(clients, "connection"),
	})
}

// serverName begins with a digit, as names may, and addresses do.
const serverName = "4th.server.test"

// askByName asks a server that listens on some of a name's addresses, and counts the connections that it has got.
func askByName(g *grading.Grader, hosts []string, listensOn ...string) (clients int) {
	text, want := grading.NewData(1+rand.N(100)), grading.Bytes(1+rand.N(1000))
	g.Step("a name has the addresses %v; a server listens on %v", hosts, listensOn)
	server := serveOn(g, serverName, text, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(want)
		conn.CloseWrite()
	}, onOnePort(g, hosts, listensOn)...)
	asking := ask(g, server.address, text, time.Minute)
	asking.Wait(0, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it hangs though the server answers and closes",
		Expected: "AskWithin returns the reply",
	})
	got := asking.told()
	server.expectClosed()
	clients = int(server.clients.Load())
	if clients == 0 && got.err != nil && strings.Contains(got.err.Error(), "lookup ") {
		return clients // it asks another name server, which is right, too
	}
	g.Expect(got.is(want) && got.err == nil, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it does not come to a server that listens on one of a name's addresses",
		Expected: fmt.Sprintf("%s, no error", quoted(want)),
		Seen:     got.String(),
	})
	g.Expect(bytes.Equal(server.heard, text.Bytes()), grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server gets something else than the question",
		Expected: quoted(text.Bytes()),
		Seen:     quoted(server.heard),
	})
	return clients
}

// onOnePort listens on some of several addresses, with one port that nobody has on any of them: not a server of before either.
func onOnePort(g *grading.Grader, hosts, listensOn []string) (listeners []net.Listener) {
	const attempts = 20 // somebody else may have the port on another address
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

// onePort gives apart what is not to listen any more. After an error that is all.
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
