package refuse_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"socketlabs/harness/refuse"
	"socketlabs/harness/skip"
)

// onItsThread runs a test on a goroutine whose thread ends with it.
func onItsThread(t *testing.T, test func() error) {
	t.Helper()
	over := make(chan error)
	go func() { over <- test() }()
	if err := <-over; err != nil {
		skip.Needs(t, "seccomp", err.Error())
	}
}

func open(domain int) error {
	fd, err := unix.Socket(domain, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func TestCallsOfOneThreadAreRefused(t *testing.T) {
	onItsThread(t, func() error {
		err := refuse.OnThisThread(refuse.Socket(unix.AF_INET, unix.EMFILE), refuse.Setsockopt(unix.SOL_SOCKET, unix.SO_REUSEADDR, unix.ENOPROTOOPT))
		if err != nil {
			return err
		}
		assert.ErrorIs(t, open(unix.AF_INET), unix.EMFILE)
		assert.NoError(t, open(unix.AF_UNIX), "another domain")
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		assert.NoError(t, err)
		defer unix.Close(fd)
		assert.ErrorIs(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1), unix.ENOPROTOOPT)
		assert.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1), "another option")
		return nil
	})
	assert.NoError(t, open(unix.AF_INET), "another thread")
}

// A call can be refused by some bits of an argument, such as flags, or for any argument except one. prctl(2) returns
// EINVAL for an option that it doesn't know.
func TestCallsAreRefusedByTheirBits(t *testing.T) {
	onItsThread(t, func() error {
		const flags, named, other = 0x6000000, 0x1000001, 0x1000002
		option := func(args ...refuse.Arg) refuse.Call {
			return refuse.Call{Number: unix.SYS_PRCTL, Args: args, Errno: unix.EDOM}
		}
		err := refuse.OnThisThread(option(refuse.HasAny(0, flags)), option(refuse.IsNot(0, named), refuse.Is(1, 7)))
		if err != nil {
			return err
		}
		for _, c := range []struct {
			option int
			arg    uintptr
			want   error
		}{
			{flags, 0, unix.EDOM}, {0x2000000 | 1, 0, unix.EDOM}, {0x4000000 | 2, 0, unix.EDOM},
			{other, 7, unix.EDOM}, {other, 6, unix.EINVAL}, {named, 7, unix.EINVAL},
		} {
			assert.ErrorIs(t, unix.Prctl(c.option, c.arg, 0, 0, 0), c.want, "%#x %d", c.option, c.arg)
		}
		return nil
	})
}

func TestCallIsNoticed(t *testing.T) {
	for domain, want := range map[int]bool{unix.AF_INET: true, unix.AF_UNIX: false} {
		onItsThread(t, func() error {
			noticed, err := refuse.Notice(refuse.Socket(unix.AF_INET, 0))
			if err != nil {
				return err
			}
			assert.Equal(t, want, open(domain) != nil)
			assert.Equal(t, want, noticed())
			return nil
		})
	}
}

func TestCallIsInterrupted(t *testing.T) {
	onItsThread(t, func() error {
		var order []string
		var mu sync.Mutex // the kernel orders the calls, but the race detector doesn't know that
		note := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, what)
		}
		end, err := refuse.Interrupt(func() { note("before") }, refuse.Bind(0), refuse.Listen(0))
		if err != nil {
			return err
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		assert.NoError(t, err)
		defer unix.Close(fd)
		assert.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
		note("bound")
		assert.NoError(t, unix.Listen(fd, 1))
		end()
		assert.Equal(t, []string{"before", "bound", "before"}, order)
		assert.ErrorIs(t, unix.Listen(fd, 1), unix.ENOSYS)
		return nil
	})
}

func TestFirstCallIsRefused(t *testing.T) {
	onItsThread(t, func() error {
		end, err := refuse.First(refuse.Socket(unix.AF_INET, unix.EMFILE), refuse.Socket(unix.AF_INET6, 0))
		if err != nil {
			return err
		}
		defer end()
		assert.NoError(t, open(unix.AF_UNIX), "another domain")
		assert.ErrorIs(t, open(unix.AF_INET), unix.EMFILE)
		assert.NoError(t, open(unix.AF_INET), "the second call")
		return nil
	})
}
