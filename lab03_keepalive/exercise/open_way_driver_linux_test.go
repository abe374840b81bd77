package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/lab03_keepalive/exercise"
)

// way is what OpenWay is called with.
type way struct {
	Conn           grading.Conn
	Memory, Within time.Duration
}

type wayOpened struct {
	Err        *grading.WireError
	Impossible bool
}

var openWay = grading.Export("OpenWay", func(w way) wayOpened {
	err := exercise.OpenWay(w.Conn.Get().(*net.TCPConn), w.Memory, w.Within)
	return wayOpened{grading.ToWire(err), errors.Is(err, exercise.ErrImpossible)}
})

var giveWay = grading.Export("a connection", func(c grading.Conn) *grading.WireError {
	raw, err := c.Get().(syscall.Conn).SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { err = grading.Give(int(fd)) })
	}
	return grading.ToWire(err)
})

// path is a connection of the student's process. The grader has a copy of its descriptor, and the other end.
type path struct {
	t    *testing.T
	g    *grading.Grader
	conn grading.Conn
	near *net.TCPConn // the copy
	far  *net.TCPConn
}

func newPath(t *testing.T, g *grading.Grader) *path {
	t.Helper()
	listener := peer.ListenNoKeepalive(g.Experiment)
	defer listener.Close()
	p := &path{t: t, g: g, conn: g.Dial(listener.Addr().String())}
	var err error
	p.far, err = listener.AcceptTCP()
	require.NoError(t, err)
	g.Own(p.far)
	g.Prepare("handing the connection over", func() { err = giveWay.On(g, p.conn).Err() })
	require.NoError(t, err)
	file, err := g.Take()
	require.NoError(t, err)
	defer file.Close()
	near, err := net.FileConn(file)
	require.NoError(t, err)
	g.Own(near)
	p.near = near.(*net.TCPConn)
	require.NoError(t, p.near.SetKeepAlive(false)) // which FileConn has turned on
	return p
}

// open calls OpenWay.
func (p *path) open(memory, within time.Duration) (got wayOpened) {
	p.t.Helper()
	p.g.Call(fmt.Sprintf("OpenWay(conn, %v, %v)", memory, within), 0, grading.Finding{
		Sentence: "it-returns", Mistake: "it waits itself", Expected: "it chooses settings, and returns",
	}, func() { got = openWay.On(p.g, way{p.conn, memory, within}) })
	return got
}

// settings are a connection's, as the kernel has them.
type settings struct {
	Probes                bool
	Idle, Interval, Count int // seconds, and probes
	UserTimeout           time.Duration
	Rest                  map[string]int
}

// rest are options that have nothing to do with it.
var rest = map[string][2]int{
	"SO_SNDBUF":        {unix.SOL_SOCKET, unix.SO_SNDBUF},
	"SO_RCVBUF":        {unix.SOL_SOCKET, unix.SO_RCVBUF},
	"SO_REUSEADDR":     {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	"SO_PRIORITY":      {unix.SOL_SOCKET, unix.SO_PRIORITY},
	"TCP_NODELAY":      {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	"TCP_SYNCNT":       {unix.IPPROTO_TCP, unix.TCP_SYNCNT},
	"TCP_LINGER2":      {unix.IPPROTO_TCP, unix.TCP_LINGER2},
	"TCP_DEFER_ACCEPT": {unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT},
}

func (p *path) settings() (s settings) {
	p.t.Helper()
	raw, err := p.near.SyscallConn()
	require.NoError(p.t, err)
	require.NoError(p.t, raw.Control(func(fd uintptr) {
		get := func(level, option int) int {
			value, err := unix.GetsockoptInt(int(fd), level, option)
			require.NoError(p.t, err)
			return value
		}
		s.Probes = get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 0
		s.Idle, s.Interval = get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE), get(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)
		s.Count = get(unix.IPPROTO_TCP, unix.TCP_KEEPCNT)
		s.UserTimeout = time.Duration(get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)) * time.Millisecond
		s.Rest = make(map[string]int)
		for name, option := range rest {
			s.Rest[name] = get(option[0], option[1])
		}
		flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		require.NoError(p.t, err)
		s.Rest["O_NONBLOCK"] = flags & unix.O_NONBLOCK
	}))
	return s
}

// unanswered is how many probes go unanswered before the connection is dead, and when it is dead, after the peer was last
// heard. With TCP_USER_TIMEOUT the count does not count: TestUserTimeoutOverridesProbeCount.
func (s settings) unanswered() (probes int, dead time.Duration) {
	idle, interval := time.Duration(s.Idle)*time.Second, time.Duration(s.Interval)*time.Second
	probes = s.Count
	if s.UserTimeout > 0 {
		for probes = 1; idle+time.Duration(probes)*interval < s.UserTimeout; probes++ {
		}
	}
	return probes, idle + time.Duration(probes)*interval
}

func (s settings) String() string {
	if !s.Probes {
		return fmt.Sprintf("keepalive off, TCP_USER_TIMEOUT %v", s.UserTimeout)
	}
	return fmt.Sprintf("idle %d s, interval %d s, count %d, TCP_USER_TIMEOUT %v", s.Idle, s.Interval, s.Count, s.UserTimeout)
}

// try is the command that measures what the settings do: by lab04_compare's TestYourSettings.
func (s settings) try(memory time.Duration, failure string) string {
	keepalive, userTimeout := "off", "off"
	if s.Probes {
		keepalive = fmt.Sprintf("%d,%d,%d", s.Idle, s.Interval, s.Count)
	}
	if s.UserTimeout > 0 {
		userTimeout = s.UserTimeout.String()
	}
	return fmt.Sprintf("go run ./labs try --keepalive %s --user-timeout %s --box %v --failure '%s'", keepalive, userTimeout, memory, failure)
}
