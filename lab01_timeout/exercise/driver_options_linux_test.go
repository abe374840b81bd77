package exercise_test

import (
	"fmt"
	"net"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketlabs/harness/netns"
)

func init() {
	addLinkLocal = func() {
		if loopback, err := netlink.LinkByName("lo"); err == nil && netns.IsPrivate() {
			netlink.AddrAdd(loopback, &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)}})
		}
	}
	withoutDescriptors = func(call func()) {
		var before unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			panic(err)
		}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Max: before.Max}); err != nil {
			panic(err)
		}
		defer unix.Setrlimit(unix.RLIMIT_NOFILE, &before)
		call()
	}
	optionsOfSocket = func(conn net.Conn) (said string) {
		raw, err := conn.(syscall.Conn).SyscallConn()
		if err != nil {
			return err.Error()
		}
		raw.Control(func(fd uintptr) {
			for _, o := range []struct {
				name          string
				level, option int
			}{
				{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY},
				{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK},
				{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT},
				{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT},
				{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
				{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
				{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
				{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE},
				{"TCP_LINGER2", unix.IPPROTO_TCP, unix.TCP_LINGER2},
				{"TCP_SYNCNT", unix.IPPROTO_TCP, unix.TCP_SYNCNT},
				{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY},
				{"SO_RCVLOWAT", unix.SOL_SOCKET, unix.SO_RCVLOWAT},
				{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE},
				{"SO_ZEROCOPY", unix.SOL_SOCKET, unix.SO_ZEROCOPY},
				{"SO_BUSY_POLL", unix.SOL_SOCKET, unix.SO_BUSY_POLL},
				{"SO_MAX_PACING_RATE", unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE},
				{"SO_MARK", unix.SOL_SOCKET, unix.SO_MARK},
				{"TCP_THIN_LINEAR_TIMEOUTS", unix.IPPROTO_TCP, unix.TCP_THIN_LINEAR_TIMEOUTS},
				{"IP_TOS", unix.IPPROTO_IP, unix.IP_TOS},
				{"IP_TTL", unix.IPPROTO_IP, unix.IP_TTL},
				{"SO_BUF_LOCK", unix.SOL_SOCKET, unix.SO_BUF_LOCK}, // tells whether the sizes of the buffers were set: since Linux 5.14
			} {
				value, err := unix.GetsockoptInt(int(fd), o.level, o.option)
				said += fmt.Sprintf("%s %d %v ", o.name, value, err)
			}
			for _, o := range []struct {
				name   string
				option int
			}{{"SO_SNDTIMEO", unix.SO_SNDTIMEO}, {"SO_RCVTIMEO", unix.SO_RCVTIMEO}} {
				value, err := unix.GetsockoptTimeval(int(fd), unix.SOL_SOCKET, o.option)
				said += fmt.Sprintf("%s %v %v ", o.name, value.Nano(), err)
			}
			congestion, err := unix.GetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION)
			said += fmt.Sprintf("TCP_CONGESTION %s %v ", congestion, err)
			flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
			said += fmt.Sprintf("O_NONBLOCK %v %v ", flags&unix.O_NONBLOCK != 0, err)
			linger, err := unix.GetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER)
			said += fmt.Sprintf("SO_LINGER %v %v", linger, err)
		})
		return said
	}
}
