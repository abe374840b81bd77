package robust

import (
	"fmt"
	"time"
)

// Limits says how long a client may occupy the server, and how much memory the client may use there.
type Limits struct {
	Request time.Duration // from a request's first byte to its last
	Answer  time.Duration // until the kernel has taken the whole answer; when ctx has ended, until the client has left

	// Between requests there is no timeout: a client may be idle while its host answers keepalive probes. The kernel
	// sends Count probes: the first after Idle of silence, the others every Interval. It counts both times in whole seconds.
	Idle, Interval time.Duration
	Count          int

	Line    int // bytes: the longest request
	Buffer  int // bytes of answers that the kernel keeps for a client that does not read: SO_SNDBUF
	Clients int // how many clients are served at the same time; others wait to be accepted
}

// DefaultLimits suit people who type requests, and programs that connect over the Internet.
var DefaultLimits = Limits{
	Request: 10 * time.Second, Answer: 10 * time.Second,
	Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	Line: 4 << 10, Buffer: 64 << 10, Clients: 10_000,
}

// silence returns how long a client's host may send nothing before the kernel declares the connection dead.
func (l Limits) silence() time.Duration { return l.Idle + time.Duration(l.Count)*l.Interval }

// GivesBackWithin returns how long, at most, the server keeps the resources of a client that has failed: its place, its
// descriptor, its goroutine and its buffers.
//
// The server keeps an active client for the time of one request and one answer. It keeps an idle or unreachable client for
// the silence that keepalive and TCP_USER_TIMEOUT allow. The kernel may take longer than this silence. It counts
// TCP_USER_TIMEOUT from the first retransmission, which comes up to a second after the data, except on very slow paths
// (RFC 6298, section 2.1). And the kernel's timers may be late by an eighth.
func (l Limits) GivesBackWithin() time.Duration {
	const firstRetransmission = 1 * time.Second
	kernel := l.silence() + firstRetransmission
	return max(l.Request+l.Answer, kernel+kernel/8)
}

// check returns an error for limits with which no client can be served. Without check, the kernel would refuse them for
// one client after another, and nobody would notice.
func (l Limits) check() error {
	const mostSeconds, mostProbes = 32767, 127 // MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT in Linux
	const leastLine = 16                       // the smallest buffer of a bufio.Reader
	keepalive := func(d time.Duration) bool {
		return d >= time.Second && d <= mostSeconds*time.Second && d%time.Second == 0
	}
	for _, limit := range []struct {
		name  string
		value any
		good  bool
		want  string
	}{
		{"Request", l.Request, l.Request > 0, "more than 0"},
		{"Answer", l.Answer, l.Answer > 0, "more than 0"},
		{"Idle", l.Idle, keepalive(l.Idle), "whole seconds, 1 to 32767"},
		{"Interval", l.Interval, keepalive(l.Interval), "whole seconds, 1 to 32767"},
		{"Count", l.Count, l.Count >= 1 && l.Count <= mostProbes, "1 to 127"},
		{"Line", l.Line, l.Line >= leastLine, "at least 16"},
		{"Buffer", l.Buffer, l.Buffer >= 1, "at least 1"},
		{"Clients", l.Clients, l.Clients >= 1, "at least 1"},
	} {
		if !limit.good {
			return fmt.Errorf("Limits.%s is %v: it must be %s", limit.name, limit.value, limit.want)
		}
	}
	return nil
}
