package kernel

import (
	"fmt"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/story"
)

// TCPInfo is what the kernel knows about a connection: TCP_INFO in tcp(7). If the connection has
// failed, it says what the kernel knew at the end.
type TCPInfo struct {
	State          SocketState
	Probes         int           // keepalive or window probes, sent since the peer was last heard
	Retransmits    int           // how often the oldest segment in flight was sent again
	Backoff        int           // how often the timeout was doubled
	Unacked        int           // segments in flight
	Timeout        time.Duration // the retransmission timeout, with the backoff
	LastSent       time.Duration // since data was sent, or sent again
	LastReceived   time.Duration // since data or an acknowledgment came: the peer's probe is neither
	SegmentsIn     int           // received, of any kind
	DataSegmentsIn int           // received, with data
}

// String returns the state, when the peer was last heard, and the counts that are not zero.
func (i TCPInfo) String() string {
	text := string(i.State)
	if i.State != SynSent { // in SYN_SENT, the socket has heard nothing
		text += fmt.Sprintf(", heard %s ago", story.Duration(i.LastReceived.Round(10*time.Millisecond)))
	}
	for _, count := range []struct {
		what string
		n    int
	}{
		{"probes", i.Probes},
		{"in flight", i.Unacked},
		{"sent again", i.Retransmits},
	} {
		if count.n > 0 {
			text += fmt.Sprintf(", %s: %d", count.what, count.n)
		}
	}
	return text
}

// ReadTCPInfo asks the kernel what it knows about the connection. Side is the connection's end, for the story.
func ReadTCPInfo(x *harness.Experiment, side story.Lane, conn syscall.Conn) TCPInfo {
	x.T().Helper()
	info, err := tcpInfo(conn)
	require.NoError(x.T(), err)
	x.Note(story.Event{Lane: side, Kind: story.Check, Text: "kernel: " + info.String()})
	return info
}

// AwaitTCPInfo asks the kernel what it knows about the connection, until wanted returns true.
func AwaitTCPInfo(x *harness.Experiment, side story.Lane, conn syscall.Conn, wanted func(TCPInfo) bool) TCPInfo {
	x.T().Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		info, err := tcpInfo(conn) // fails when the guard against a hang has closed the connection
		require.NoError(x.T(), err)
		if wanted(info) {
			x.Note(story.Event{Lane: side, Kind: story.Check, Text: "kernel: " + info.String()})
			return info
		}
		require.NotEqual(x.T(), Closed, info.State, "the connection should meet the condition that the test waits for, and has ended first")
		<-poll.C
	}
}

func tcpInfo(conn syscall.Conn) (TCPInfo, error) {
	var raw *unix.TCPInfo
	err := socket.OnDescriptor(conn, func(fd int) (err error) {
		raw, err = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		return err
	})
	if err != nil {
		return TCPInfo{}, fmt.Errorf("TCP_INFO: %w", err)
	}
	return TCPInfo{
		State:       socketStates[raw.State],
		Probes:      int(raw.Probes),
		Retransmits: int(raw.Retransmits),
		Backoff:     int(raw.Backoff),
		Unacked:     int(raw.Unacked),
		Timeout:     time.Duration(raw.Rto) * time.Microsecond,
		LastSent:    time.Duration(raw.Last_data_sent) * time.Millisecond,
		// Keepalive counts idle time in this way: keepalive_time_elapsed() in include/net/tcp.h.
		LastReceived:   time.Duration(min(raw.Last_data_recv, raw.Last_ack_recv)) * time.Millisecond,
		SegmentsIn:     int(raw.Segs_in),
		DataSegmentsIn: int(raw.Data_segs_in),
	}, nil
}
