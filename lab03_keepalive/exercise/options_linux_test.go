package exercise_test

import (
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// optionNames are the options of a connection, apart from keepalive: see (*conn).keepalive.
var optionNames = []struct {
	name          string
	level, option int
}{
	{"SO_SNDTIMEO", unix.SOL_SOCKET, unix.SO_SNDTIMEO},
	{"SO_RCVTIMEO", unix.SOL_SOCKET, unix.SO_RCVTIMEO},
	{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR},
	{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT},
	{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE},
	{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF},
	{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF},
	{"SO_RCVLOWAT", unix.SOL_SOCKET, unix.SO_RCVLOWAT},
	{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY},
	{"SO_MARK", unix.SOL_SOCKET, unix.SO_MARK},
	{"SO_DONTROUTE", unix.SOL_SOCKET, unix.SO_DONTROUTE},
	{"SO_TIMESTAMP", unix.SOL_SOCKET, unix.SO_TIMESTAMP},
	{"SO_BUSY_POLL", unix.SOL_SOCKET, unix.SO_BUSY_POLL},
	{"SO_ZEROCOPY", unix.SOL_SOCKET, unix.SO_ZEROCOPY},
	{"SO_MAX_PACING_RATE", unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE},
	{"SO_BUF_LOCK", unix.SOL_SOCKET, unix.SO_BUF_LOCK}, // set by SO_RCVBUF and SO_SNDBUF: the buffer does not grow
	{"IP_TOS", unix.IPPROTO_IP, unix.IP_TOS},
	{"IP_TTL", unix.IPPROTO_IP, unix.IP_TTL},
	{"IP_MTU_DISCOVER", unix.IPPROTO_IP, unix.IP_MTU_DISCOVER},
	{"IP_RECVERR", unix.IPPROTO_IP, unix.IP_RECVERR},
	{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	{"IPV6_UNICAST_HOPS", unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	{"IPV6_MTU_DISCOVER", unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER},
	{"IPV6_RECVERR", unix.IPPROTO_IPV6, unix.IPV6_RECVERR},
	{"TCP_CONGESTION", unix.IPPROTO_TCP, unix.TCP_CONGESTION}, // as a number: the first letters of the name
	{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY},
	{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK},
	{"TCP_SYNCNT", unix.IPPROTO_TCP, unix.TCP_SYNCNT},
	{"TCP_LINGER2", unix.IPPROTO_TCP, unix.TCP_LINGER2},
	{"TCP_DEFER_ACCEPT", unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT},
	{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT},
	{"TCP_THIN_LINEAR_TIMEOUTS", unix.IPPROTO_TCP, unix.TCP_THIN_LINEAR_TIMEOUTS},
	{"TCP_THIN_DUPACK", unix.IPPROTO_TCP, unix.TCP_THIN_DUPACK},
	{"TCP_RTO_MAX_MS", unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS},
	{"TCP_RTO_MIN_US", unix.IPPROTO_TCP, unix.TCP_RTO_MIN_US},
	{"TCP_DELACK_MAX_US", unix.IPPROTO_TCP, unix.TCP_DELACK_MAX_US},
	{"TCP_TX_DELAY", unix.IPPROTO_TCP, unix.TCP_TX_DELAY},
	{"TCP_WINDOW_CLAMP", unix.IPPROTO_TCP, unix.TCP_WINDOW_CLAMP},
	{"TCP_INQ", unix.IPPROTO_TCP, unix.TCP_INQ},
	{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT},
}

// options reads the values of these options, and whether calls on the descriptor block.
func (c *conn) options() map[string]int {
	c.g.T().Helper()
	all := make(map[string]int)
	c.onSocket(func(fd int) {
		for _, o := range optionNames {
			if value, err := unix.GetsockoptInt(fd, o.level, o.option); err == nil {
				all[o.name] = value
			}
		}
		if linger, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER); err == nil {
			all["SO_LINGER"] = int(linger.Onoff * (1 + linger.Linger)) // 0: off
		}
		flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		all["O_NONBLOCK"], all["O_ASYNC"] = flags&unix.O_NONBLOCK, flags&unix.O_ASYNC
	})
	return all
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
