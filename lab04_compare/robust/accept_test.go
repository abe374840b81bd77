package robust

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failing is a listener whose AcceptTCP returns the given errors, one after the other, and never a connection. It notes the
// time of each call.
type failing struct {
	errors []error
	asked  []time.Time
}

func (f *failing) AcceptTCP() (*net.TCPConn, error) {
	f.asked = append(f.asked, time.Now())
	err := f.errors[0]
	f.errors = f.errors[1:]
	if err != nil {
		err = &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
	}
	return nil, err
}

func TestAcceptWaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var listener failing
		for range 11 {
			listener.errors = append(listener.errors, passing[0])
		}
		listener.errors = append(listener.errors, nil)
		_, err := accept(t.Context(), &listener)
		assert.NoError(t, err)
		var pauses []time.Duration
		for i, moment := range listener.asked[1:] {
			pauses = append(pauses, moment.Sub(listener.asked[i]))
		}
		ms := time.Millisecond
		assert.Equal(t, []time.Duration{
			5 * ms, 10 * ms, 20 * ms, 40 * ms, 80 * ms, 160 * ms, 320 * ms, 640 * ms, time.Second, time.Second, time.Second,
		}, pauses)
	})
}

func TestAcceptWaitsNoLongerThanServe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		begun := time.Now()
		_, err := accept(ctx, &failing{errors: []error{passing[0], nil}})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Millisecond, time.Since(begun))
	})
}

func TestErrorsOfAccept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, errno := range mayPass {
			_, err := accept(t.Context(), &failing{errors: []error{errno, nil}})
			assert.NoError(t, err, "%v", errno)
		}
		for _, errno := range []error{syscall.EBADF, syscall.ENOTSOCK, syscall.EOPNOTSUPP, syscall.EACCES} {
			_, err := accept(t.Context(), &failing{errors: []error{errno}})
			assert.ErrorIs(t, err, errno)
			assert.ErrorContains(t, err, "the listener has failed: accept tcp")
		}
	})
}

func TestServeSaysWhyItEnds(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		name string
		end  func(*testing.T, *net.TCPListener)
		want string
	}{
		{"closed", closeListener, "robust: the listener was closed: accept tcp"},
		{"deadline in the past", setPastDeadline, "robust: the listener has a deadline, and it has passed: accept tcp"},
		{"deadline", setDeadline, "robust: the listener has a deadline, and it has passed: accept tcp"},
	} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			serveEnds(t, end.end, end.want)
		})
	}
}

// serveEnds spoils the listener while a client is served. Serve then closes the client's connection, as it does when ctx ends.
func serveEnds(t *testing.T, spoil func(*testing.T, *net.TCPListener), want string) {
	t.Helper()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	s := start(t, short, listener)
	client := s.client()
	spoil(t, listener)
	assert.NoError(t, end(client))
	require.NoError(t, client.Close())
	assert.ErrorContains(t, s.wait(), want)
	assert.True(t, s.isClosed())
}

func closeListener(t *testing.T, l *net.TCPListener) { require.NoError(t, l.Close()) }

func setPastDeadline(t *testing.T, l *net.TCPListener) {
	require.NoError(t, l.SetDeadline(time.Unix(1, 0)))
}

func setDeadline(t *testing.T, l *net.TCPListener) {
	require.NoError(t, l.SetDeadline(time.Now().Add(100*time.Millisecond)))
}
