package exercise_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
)

// optionsOfConn are the options of a connection, apart from keepalive: see (*conn).keepalive. Most have an odd value, which is
// neither the default nor what right code needs.
var optionsOfConn = []struct {
	name               string
	level, option, odd int
}{
	{"SO_SNDTIMEO", unix.SOL_SOCKET, unix.SO_SNDTIMEO, 0},
	{"SO_RCVTIMEO", unix.SOL_SOCKET, unix.SO_RCVTIMEO, 0},
	{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
	{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
	{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE, 1},
	{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF, 50_000},
	{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, 50_000},
	{"SO_RCVLOWAT", unix.SOL_SOCKET, unix.SO_RCVLOWAT, 2},
	{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY, 2},
	{"SO_MARK", unix.SOL_SOCKET, unix.SO_MARK, 7},
	{"SO_RCVMARK", unix.SOL_SOCKET, unix.SO_RCVMARK, 1},
	{"SO_DEBUG", unix.SOL_SOCKET, unix.SO_DEBUG, 1},
	{"SO_DONTROUTE", unix.SOL_SOCKET, unix.SO_DONTROUTE, 1},
	{"SO_TIMESTAMP", unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1},
	{"SO_TIMESTAMPNS", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 0},
	{"SO_TIMESTAMPING", unix.SOL_SOCKET, unix.SO_TIMESTAMPING, 0},
	{"SO_BUSY_POLL", unix.SOL_SOCKET, unix.SO_BUSY_POLL, 7},
	{"SO_PREFER_BUSY_POLL", unix.SOL_SOCKET, unix.SO_PREFER_BUSY_POLL, 1},
	{"SO_ZEROCOPY", unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1},
	{"SO_TXREHASH", unix.SOL_SOCKET, unix.SO_TXREHASH, 0},
	{"SO_MAX_PACING_RATE", unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE, 1 << 30},
	{"SO_PEEK_OFF", unix.SOL_SOCKET, unix.SO_PEEK_OFF, 0},
	{"SO_RESERVE_MEM", unix.SOL_SOCKET, unix.SO_RESERVE_MEM, 0},
	{"SO_BUF_LOCK", unix.SOL_SOCKET, unix.SO_BUF_LOCK, 0}, // set by SO_RCVBUF and SO_SNDBUF: the buffer does not grow
	{"SO_BINDTOIFINDEX", unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, 0},
	{"IP_TOS", unix.IPPROTO_IP, unix.IP_TOS, 16},
	{"IP_TTL", unix.IPPROTO_IP, unix.IP_TTL, 63},
	{"IP_MINTTL", unix.IPPROTO_IP, unix.IP_MINTTL, 0},
	{"IP_FREEBIND", unix.IPPROTO_IP, unix.IP_FREEBIND, 1},
	{"IP_LOCAL_PORT_RANGE", unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, 0},
	{"IP_MTU_DISCOVER", unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, 0},
	{"IP_RECVERR", unix.IPPROTO_IP, unix.IP_RECVERR, 1},
	{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 16},
	{"IPV6_UNICAST_HOPS", unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, 63},
	{"IPV6_MTU_DISCOVER", unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, 0},
	{"IPV6_RECVERR", unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1},
	{"IPV6_AUTOFLOWLABEL", unix.IPPROTO_IPV6, unix.IPV6_AUTOFLOWLABEL, 0},
	{"TCP_CONGESTION", unix.IPPROTO_TCP, unix.TCP_CONGESTION, 0}, // as a number: the first letters of the name
	{"TCP_ULP", unix.IPPROTO_TCP, unix.TCP_ULP, 0},
	{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK, 1},
	{"TCP_SYNCNT", unix.IPPROTO_TCP, unix.TCP_SYNCNT, 3},
	{"TCP_LINGER2", unix.IPPROTO_TCP, unix.TCP_LINGER2, 9},
	{"TCP_DEFER_ACCEPT", unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 0},
	{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, 99_000},
	{"TCP_THIN_LINEAR_TIMEOUTS", unix.IPPROTO_TCP, unix.TCP_THIN_LINEAR_TIMEOUTS, 1},
	{"TCP_THIN_DUPACK", unix.IPPROTO_TCP, unix.TCP_THIN_DUPACK, 0},
	{"TCP_RTO_MAX_MS", unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS, 99_000},
	{"TCP_RTO_MIN_US", unix.IPPROTO_TCP, unix.TCP_RTO_MIN_US, 99_000},
	{"TCP_DELACK_MAX_US", unix.IPPROTO_TCP, unix.TCP_DELACK_MAX_US, 99_000},
	{"TCP_TX_DELAY", unix.IPPROTO_TCP, unix.TCP_TX_DELAY, 0},
	{"TCP_WINDOW_CLAMP", unix.IPPROTO_TCP, unix.TCP_WINDOW_CLAMP, 0},
	{"TCP_INQ", unix.IPPROTO_TCP, unix.TCP_INQ, 1},
	{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 77_000},
	{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 0},
}

// setOddOptions sets options to odd values, as far as this kernel and this user can.
func (c *conn) setOddOptions() {
	c.g.T().Helper()
	c.onSocket(func(fd int) {
		for _, o := range optionsOfConn {
			if o.odd != 0 {
				unix.SetsockoptInt(fd, o.level, o.option, o.odd)
			}
		}
		linger := unix.Linger{Onoff: 1, Linger: 7}
		require.NoError(c.g.T(), errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0), // Go sets it
			unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger),
		))
	})
	c.before = c.userTimeout()
}

// options reads the values of these options, and whether calls on the descriptor block.
func (c *conn) options() map[string]int {
	c.g.T().Helper()
	all := make(map[string]int)
	c.onSocket(func(fd int) {
		for _, o := range optionsOfConn {
			if value, err := unix.GetsockoptInt(fd, o.level, o.option); err == nil {
				all[o.name] = value
			}
		}
		if linger, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER); err == nil {
			all["SO_LINGER"] = int(linger.Onoff * (1 + linger.Linger)) // 0: off
		}
		flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		all["O_NONBLOCK"], all["F_GETFL"] = flags&unix.O_NONBLOCK, flags
		all["F_GETOWN"], _ = unix.FcntlInt(uintptr(fd), unix.F_GETOWN, 0)
		all["SO_ATTACH_FILTER"] = filterLength(fd)
	})
	return all
}

// filterLength returns how many instructions the socket's filter has: socket(7). A buffer of length 0 asks for that alone.
func filterLength(fd int) int {
	var length uint32
	unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, 0, uintptr(unsafe.Pointer(&length)), 0)
	return int(length)
}

// descriptorFlags has the flags of the descriptor in the student's process. The grader's copy has its own.
var descriptorFlags = grading.Export("F_GETFD", func(c grading.Conn) (flags int) {
	if raw, err := c.Get().(syscall.Conn).SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { flags, _ = unix.FcntlInt(fd, unix.F_GETFD, 0) })
	}
	return flags
})

// descriptorFlags reads these flags.
func (c *conn) descriptorFlags() (flags int) {
	c.g.T().Helper()
	c.g.Prepare("reading the flags of the descriptor", func() { flags = descriptorFlags.On(c.g, c.Conn) })
	return flags
}

// optionsAre expects that the options are as they were before a call, except for the option that the student's code sets.
func (s *setter) optionsAre(c *conn, before map[string]int) {
	s.g.T().Helper()
	after := c.options()
	delete(before, s.sets)
	delete(after, s.sets)
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "options are changed that should stay as they were",
		Expected: fmt.Sprint(before),
		Seen:     diff(before, after),
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	}
	if before["O_NONBLOCK"] != after["O_NONBLOCK"] {
		f.Mistake = "calls on the connection block from now on, and no deadline ends them: File and Fd make the descriptor blocking"
		f.Read = "lab01_timeout/TestDescriptorOfFileEndsDeadlines"
	}
	s.g.Expect(cmp.Equal(before, after), f)
}

// diff compares as cmp.Diff does, which writes some spaces as no-break spaces. A report would show these as \xa0.
func diff(was, is any) string { return strings.ReplaceAll(cmp.Diff(was, is), "\u00a0", " ") }

// leavesQuickACKOff expects that TCP_QUICKACK stays off. The kernel turns this option on and off by itself when data comes
// or goes, so the connection must have moved none.
func (s *setter) leavesQuickACKOff(c *conn, t times) {
	s.g.T().Helper()
	c.setOption(unix.IPPROTO_TCP, unix.TCP_QUICKACK, 0)
	s.set(c, t)
	is := c.option(unix.IPPROTO_TCP, unix.TCP_QUICKACK)
	s.g.Expect(is == 0, grading.Finding{
		Sentence: s.rest,
		Mistake:  "options are changed that should stay as they were",
		Expected: "TCP_QUICKACK is off: the caller has set it so, and no data has been sent",
		Seen:     fmt.Sprint(is),
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	})
}

// userTimeout reads TCP_USER_TIMEOUT.
func (c *conn) userTimeout() time.Duration {
	c.g.T().Helper()
	return time.Duration(c.option(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond
}

func (c *conn) option(level, option int) (value int) {
	c.g.T().Helper()
	c.onSocket(func(fd int) {
		var err error
		value, err = unix.GetsockoptInt(fd, level, option)
		require.NoError(c.g.T(), err)
	})
	return value
}

func (c *conn) setOption(level, option, value int) {
	c.g.T().Helper()
	c.onSocket(func(fd int) { require.NoError(c.g.T(), unix.SetsockoptInt(fd, level, option, value)) })
}

// setKeepalive sets all that belongs to keepalive, as Go or the caller may do.
func (c *conn) setKeepalive(on, idle, interval, count int) {
	c.g.T().Helper()
	c.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle)
	c.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, interval)
	c.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPCNT, count)
	c.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, on)
}

// keepalive reads from the kernel whether keepalive is on, the idle time, the interval and the count.
func (c *conn) keepalive() (is [4]int) {
	c.g.T().Helper()
	for i, o := range [][2]int{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	} {
		is[i] = c.option(o[0], o[1])
	}
	return is
}

func (c *conn) onSocket(call func(fd int)) {
	c.g.T().Helper()
	raw, err := c.socket.SyscallConn()
	require.NoError(c.g.T(), err)
	require.NoError(c.g.T(), raw.Control(func(fd uintptr) { call(int(fd)) }))
}
