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

	"socketlabs/harness"
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
	for _, host := range hosts {
		askByName(g, hosts, host)
	}
	_, port, err := net.SplitHostPort(peer.Absent(g.Experiment))
	require.NoError(g.T(), err)
	refusalIsReportedAt(g, net.JoinHostPort(serverName, port))
	const attempts = 4 // on a busy machine, the first address may answer so late that a dialer tries the second
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

// loopbacks returns loopback addresses of this machine: one of each family, and on Linux two more.
func loopbacks() (hosts []string) {
	for _, host := range grading.Hosts() {
		hosts = append(hosts, host.String())
	}
	if runtime.GOOS == "linux" { // on other systems, the loopback has only one IPv4 address
		hosts = append(hosts, "127.0.0.2", "127.0.0.3")
	}
	return hosts
}

// addLinkLocal gives the loopback interface the address fe80::1, if the grader has a network namespace of its own.
var addLinkLocal = func() {} // on Linux, driver_options_linux_test.go sets it

// zoned returns addresses of the loopback interface with their zone: RFC 4007, section 11. The loopback address may have one, and a
// link-local address must.
func zoned() (hosts []string) {
	if runtime.GOOS != "linux" {
		return nil
	}
	addLinkLocal()
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback == 0 {
			continue
		}
		addrs, _ := i.Addrs()
		for _, addr := range addrs {
			if ip := addr.(*net.IPNet).IP; ip.To4() == nil && canListen(ip.String()+"%"+i.Name) {
				hosts = append(hosts, ip.String()+"%"+i.Name)
			}
		}
	}
	return hosts
}

// localhosts returns the loopback addresses that the name localhost stands for, if this machine has them: it may have no ::1.
func localhosts() (hosts []string) {
	found, _ := net.LookupHost("localhost")
	return slices.DeleteFunc(found, func(host string) bool { return !net.ParseIP(host).IsLoopback() || !canListen(host) })
}

func canListen(host string) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		listener.Close()
	}
	return err == nil
}

// serverName begins with a digit, and has an underscore and a capital letter. A name may, so code must not take this one for an IPv4
// address, or for an invalid name.
const serverName = "4th_Server.test"

// askByName calls AskWithin with a name. A server listens on some of the name's addresses. askByName returns how many connections the
// server has got.
func askByName(g *grading.Grader, hosts []string, listensOn ...string) (clients int) {
	text, want := grading.NewData(1+rand.N(100)), grading.Bytes(1+rand.N(1000))
	g.Step("a name has the addresses %v; a server listens on %v", hosts, listensOn)
	server := serveOn(g, serverName, text, 0, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(want)
		conn.CloseWrite()
	}, onOnePort(g, hosts, listensOn)...)
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

// unansweredNames returns conversations in which a name uses up the budget: the name server is silent, or no address answers the
// connect.
func unansweredNames(g *grading.Grader) (all []waiting) {
	const silent, budget = "silent", 300 * time.Millisecond
	hosts := loopbacks()
	names := silentAbout(g, silent, peer.NameServer(g.Experiment, hosts...))
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
				if got.err != nil && !got.isTimeout() && strings.Contains(got.err.Error(), "lookup ") {
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

// silentAbout starts a name server. It doesn't answer questions about names that contain word. It forwards all other questions to
// server, another name server.
func silentAbout(g *grading.Grader, word, server string) (address string) {
	names, err := net.ListenPacket("udp", harness.Loopback())
	require.NoError(g.T(), err)
	g.Own(names)
	other, err := net.Dial("udp", server)
	require.NoError(g.T(), err)
	g.Own(other)
	g.Experiment.Go(func() {
		for packet := make([]byte, 512); ; {
			n, client, err := names.ReadFrom(packet)
			if err != nil {
				return
			}
			if bytes.Contains(packet[:n], []byte(word)) {
				continue
			}
			other.Write(packet[:n])
			if n, err = other.Read(packet); err != nil {
				return
			}
			names.WriteTo(packet[:n], client)
		}
	})
	return names.LocalAddr().String()
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
