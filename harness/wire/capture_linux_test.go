package wire_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

func TestNothingIsCapturedUnlessSomebodyLooks(t *testing.T) {
	for _, look := range []struct {
		name  string
		args  []string
		taps  int
		child string
	}{
		{"nobody", nil, 0, "TestChildCountsPacketSockets"},
		{"-v", []string{"-test.v"}, 1, "TestChildCountsPacketSockets"},
		{"-artifacts", []string{"-test.artifacts", "-test.outputdir=" + t.TempDir()}, 1, "TestChildCountsPacketSockets"},
		{"the experiment", nil, 1, "TestChildNeedsWire"},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			out := wireChild(t, look.child, look.args...)
			assert.Contains(t, out, fmt.Sprintf("packet sockets: %d\n", look.taps))
		})
	}
}

func TestChildCountsPacketSockets(t *testing.T) {
	x := harness.Start(t)
	countPacketSockets(t, x)
}

func TestChildNeedsWire(t *testing.T) {
	x := harness.Start(t, wire.Capture)
	countPacketSockets(t, x)
}

// countPacketSockets prints how many packet sockets this process has: packet(7).
func countPacketSockets(t *testing.T, x *harness.Experiment) {
	peer.PairNoKeepalive(x)
	table, err := os.ReadFile("/proc/self/net/packet")
	require.NoError(t, err)
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	count := 0
	for _, fd := range descriptors {
		inode, isSocket := strings.CutPrefix(readLink(fd), "socket:[")
		if isSocket && slices.Contains(inodesIn(string(table)), strings.TrimSuffix(inode, "]")) {
			count++
		}
	}
	fmt.Printf("packet sockets: %d\n", count)
}

// inodesIn reads the last column of /proc/net/packet: the sockets of all processes. The kernel pads small numbers
// with spaces at the end.
func inodesIn(table string) (inodes []string) {
	for line := range strings.Lines(table) {
		if columns := strings.Fields(line); len(columns) > 0 {
			inodes = append(inodes, columns[len(columns)-1])
		}
	}
	return inodes
}

func TestInodesOfAnySizeAreRead(t *testing.T) {
	const table = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode \n" +
		"0000000000000000 3      3    0003   1     1 0      0      7     \n" +
		"0000000000000000 3      3    0003   1     1 0      0      1234567\n"
	assert.Equal(t, []string{"Inode", "7", "1234567"}, inodesIn(table))
}

// readLink returns an empty string for a descriptor that was closed meanwhile.
func readLink(path string) string {
	target, _ := os.Readlink(path)
	return target
}

func TestSegmentsAreThereOnceTheyAreSent(t *testing.T) {
	t.Parallel()
	wireChild(t, "TestChildLooksAfterEachWrite")
}

func TestChildLooksAfterEachWrite(t *testing.T) {
	x := harness.Start(t, wire.Capture)
	client, server := peer.PairNoKeepalive(x)
	says := func(from, to *net.TCPConn, sent int) {
		_, err := from.Write([]byte("!"))
		require.NoError(t, err)
		require.Len(t, wire.OfMeaning(wire.Segments(x, client), wire.Data), sent)
		_, err = to.Read(make([]byte, 1))
		require.NoError(t, err)
	}
	for i := range 100 {
		says(client, server, 2*i+1)
		says(server, client, 2*i+2)
	}
}

func TestEachExperimentSeesItsOwn(t *testing.T) {
	t.Parallel()
	kept := t.TempDir()
	wireChild(t, "TestChildOpensConnections", "-test.artifacts", "-test.outputdir="+kept)
	handshake := []story.Meaning{wire.SYN, wire.SYNACK, wire.ACK}
	want := map[int][]story.Meaning{1: handshake, 2: handshake, 3: handshake}
	stories := 0
	for _, path := range child.FilesNamed(t, "story.json", kept) {
		begun := map[int][]story.Meaning{} // how each connection has begun
		for _, s := range child.Segments(t, path) {
			if c := s.Connection; len(begun[c]) < 3 {
				begun[c] = append(begun[c], s.Meaning)
			}
		}
		if len(begun) > 0 { // the experiment that leaves few ports has no connections
			stories++
			assert.Empty(t, cmp.Diff(want, begun), "%s (-want +got)", path)
		}
	}
	assert.Equal(t, len(openings), stories, "stories with connections")
}

// openings are the ways in which an experiment can get a connection.
var openings = map[string]func(*testing.T, *harness.Experiment){
	"a pair": func(_ *testing.T, x *harness.Experiment) { peer.PairNoKeepalive(x) },
	"a listener of the test's own, on every address": func(t *testing.T, x *harness.Experiment) {
		listener, err := net.Listen("tcp", ":0")
		require.NoError(t, err)
		x.Own(listener)
		_, port, err := net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		dialUnowned(t, net.JoinHostPort("localhost", port))
	},
	"a client of the test's own, owned when it is open": func(t *testing.T, x *harness.Experiment) {
		client, err := net.Dial("tcp", listenUnowned(t))
		require.NoError(t, err)
		x.Own(client)
	},
	"a raw socket, owned before it has an address": func(t *testing.T, x *harness.Experiment) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		require.NoError(t, unix.Connect(fd, x.Sockaddr(listenUnowned(t))))
	},
	"an address that somebody else listens on": func(t *testing.T, x *harness.Experiment) {
		address := listenUnowned(t)
		dialUnowned(t, address)
		wire.Claim(x, address)
	},
}

func listenUnowned(t *testing.T) (address string) {
	listener, err := net.Listen("tcp", harness.Loopback())
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

func dialUnowned(t *testing.T, address string) {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
}

func TestChildOpensConnections(t *testing.T) {
	if kernel.SystemSettings.Missing() == "" { // so few ports that clients of different experiments share them
		kernel.SetSystemSetting(harness.Start(&child.Recorder{TB: t}), "ipv4/ip_local_port_range", "40000 40063")
	}
	// An experiment that is over closes its sockets before it gives up their addresses. Nobody else may get them then.
	var stillOpening sync.WaitGroup
	stillOpening.Add(len(openings))
	for name, open := range openings {
		t.Run(name, func(t *testing.T) {
			x := harness.Start(t)
			func() {
				defer stillOpening.Done()
				for range 3 {
					open(t, x)
				}
			}()
			stillOpening.Wait()
			x.Step("three connections are open")
		})
	}
}

// The kernel stamps segments with a different clock than the experiment's.
func TestSegmentStandsBetweenTheStepsAroundIt(t *testing.T) {
	t.Parallel()
	kept := t.TempDir()
	wireChild(t, "TestChildWritesBetweenSteps", "-test.artifacts", "-test.outputdir="+kept)
	stories := child.FilesNamed(t, "story.json", kept)
	require.Len(t, stories, 1)
	var got []string
	events := child.Story(t, stories[0]).Events
	firstStep := slices.IndexFunc(events, func(e story.Event) bool { return e.Text == "before" })
	for _, e := range events[firstStep:] {
		if e.Segment == nil || e.Segment.Meaning == wire.Data {
			from, _, _ := strings.Cut(e.Text, " → ")
			got = append(got, from)
		}
	}
	var want []string
	for range writesBetweenSteps {
		want = append(want, "before", "client", "after")
	}
	assert.Empty(t, cmp.Diff(want, got), "the story (-want +got)")
}

const writesBetweenSteps = 20

func TestChildWritesBetweenSteps(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)
	for range writesBetweenSteps {
		x.Step("before")
		_, err := client.Write([]byte("!"))
		require.NoError(t, err)
		x.Step("after")
		_, err = server.Read(make([]byte, 1))
		require.NoError(t, err)
	}
}
