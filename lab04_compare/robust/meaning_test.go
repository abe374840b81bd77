package robust

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ending is a way in which a call ends. The call returns the error of a real socket, or of a library that uses the socket.
type ending struct {
	name string
	call func(*testing.T) error
	want Meaning
}

// endings happen on every system.
var endings = []ending{
	{"answered", answered, Fine},
	{"no answer before the deadline", deadline, Slow},
	{"no room for a write before the deadline", writeDeadline, Slow},
	{"no connection before the deadline", dialDeadline, Slow},
	{"reset by the peer", reset, Reset},
	{"closed by the peer", closed, Ended},
	{"closed by the peer in the middle of an answer", closedInAnswer, Ended},
	{"write after our own CloseWrite", writeAfterCloseWrite, Ended},
	{"nobody listens", refused, Refused},
	{"dial canceled", canceled, Canceled},
	{"closed by us", closedByUs, Canceled},
	{"our port is taken", portTaken, Unknown},
}

// The calls of this test return every error that MeaningOf knows.
func TestMeaningOfRealErrors(t *testing.T) {
	t.Parallel()
	all := slices.Concat(endings, libraryEndings, systemEndings)
	var mu sync.Mutex
	var seen []error
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			err := e.call(t)
			t.Logf("%s: %v", MeaningOf(err), err)
			assert.Equal(t, e.want, MeaningOf(err), "the meaning of %v (%T)", err, err)
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, err)
		})
	}
	t.Cleanup(func() {
		if runtime.GOOS != "linux" || len(seen) < len(all) {
			return // this system can't show all of them, or -run has left some out
		}
		for _, m := range meanings {
			for _, known := range m.errors {
				is := func(err error) bool { return errors.Is(err, known) }
				assert.True(t, slices.ContainsFunc(seen, is), "a call should return %v", known)
			}
		}
	})
}

func TestMeaningsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[Meaning]bool{"": true}
	for _, m := range []Meaning{Fine, Slow, Lost, Reset, Ended, Refused, Exhausted, Canceled, Unknown} {
		assert.False(t, seen[m], "%q", m)
		seen[m] = true
	}
}

const patience = 100 * time.Millisecond

// pair returns both ends of a connection.
func pair(t *testing.T) (client, server *net.TCPConn) {
	t.Helper()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	server, err = listener.AcceptTCP()
	require.NoError(t, err)
	t.Cleanup(func() {
		dialed.Close()
		server.Close()
	})
	return dialed.(*net.TCPConn), server
}

// absent returns an address on which nobody listens: the local address of a connection, so nobody can start to listen
// there.
func absent(t *testing.T) (address string) {
	client, _ := pair(t)
	return client.LocalAddr().String()
}

// silent returns the address of a server that accepts, and then reads and sends nothing.
func silent(t *testing.T) (address string) {
	t.Helper()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return listener.Addr().String()
}

func read(conn net.Conn) error {
	_, err := conn.Read(make([]byte, 1))
	return err
}

func write(conn net.Conn) error {
	_, err := conn.Write([]byte("!"))
	return err
}

// fill writes more than any buffer holds.
func fill(conn net.Conn) error {
	_, err := conn.Write(make([]byte, 64<<20))
	return err
}

func answered(t *testing.T) error {
	client, server := pair(t)
	require.NoError(t, write(server))
	return read(client)
}

func deadline(t *testing.T) error {
	client, _ := pair(t)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	return read(client)
}

func writeDeadline(t *testing.T) error {
	client, _ := pair(t)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	return fill(client)
}

func dialDeadline(t *testing.T) error {
	dialer := net.Dialer{Deadline: time.Unix(1, 0)}
	_, err := dialer.Dial("tcp", silent(t))
	return err
}

func reset(t *testing.T) error {
	client, server := pair(t)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	return read(client)
}

func closed(t *testing.T) error {
	client, server := pair(t)
	require.NoError(t, server.Close())
	return read(client)
}

func closedInAnswer(t *testing.T) error {
	client, server := pair(t)
	require.NoError(t, write(server))
	require.NoError(t, server.Close())
	_, err := io.ReadFull(client, make([]byte, 2))
	return err
}

func writeAfterCloseWrite(t *testing.T) error {
	client, _ := pair(t)
	require.NoError(t, client.CloseWrite())
	return write(client)
}

func refused(t *testing.T) error {
	_, err := net.Dial("tcp", absent(t))
	return err
}

func canceled(t *testing.T) error {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := new(net.Dialer).DialContext(ctx, "tcp", silent(t))
	return err
}

func closedByUs(t *testing.T) error {
	client, _ := pair(t)
	require.NoError(t, client.Close())
	return read(client)
}

func portTaken(t *testing.T) error {
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, err = net.Listen("tcp", listener.Addr().String())
	return err
}
