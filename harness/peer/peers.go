package peer

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// Silent accepts connections, reads what arrives, and never sends anything.
func Silent(x *harness.Experiment) (address string) {
	x.T().Helper()
	x.Struck(story.SilentPeer)
	return Serve(x, func(_ context.Context, conn *net.TCPConn) {
		io.Copy(io.Discard, conn)
	})
}

// Dripping answers every connection with text, one byte at a time: the first at once, the
// others each after a pause. Then it closes the connection.
func Dripping(x *harness.Experiment, text string, pause time.Duration) (address string) {
	x.T().Helper()
	x.Struck(story.SlowPeer)
	return Serve(x, func(ctx context.Context, conn *net.TCPConn) {
		defer conn.Close()
		drip(ctx, conn, text, pause)
	})
}

// Drip sends text on conn as Dripping does, while the test goes on.
func Drip(x *harness.Experiment, conn *net.TCPConn, text string, pause time.Duration) {
	x.Struck(story.SlowPeer)
	x.Go(func() { drip(x.T().Context(), conn, text, pause) })
}

func drip(ctx context.Context, conn *net.TCPConn, text string, pause time.Duration) {
	for i := range len(text) {
		if i > 0 && !harness.Passed(ctx, pause) {
			return
		}
		if _, err := conn.Write([]byte{text[i]}); err != nil {
			return
		}
	}
}

// Sip reads the given number of bytes from conn after each pause, while the test goes on.
func Sip(x *harness.Experiment, conn *net.TCPConn, bytes int, pause time.Duration) {
	x.Go(func() {
		for harness.Passed(x.T().Context(), pause) {
			if _, err := io.ReadFull(conn, make([]byte, bytes)); err != nil {
				return
			}
		}
	})
}

// StalledReader is a peer that accepts one connection and reads nothing, so that its window closes.
type StalledReader struct {
	Address string
	x       *harness.Experiment
	conn    chan *net.TCPConn
}

// Stalled starts a StalledReader.
func Stalled(x *harness.Experiment) *StalledReader {
	x.T().Helper()
	x.Struck(story.StalledReader)
	r := &StalledReader{x: x, conn: make(chan *net.TCPConn, 1)}
	r.Address = Serve(x, func(_ context.Context, conn *net.TCPConn) { r.conn <- conn })
	return r
}

// ReadAll ends the stall: the peer reads until the other side closes its end. ReadAll returns
// everything that has arrived.
func (r *StalledReader) ReadAll() []byte {
	r.x.T().Helper()
	select {
	case conn := <-r.conn:
		got, err := io.ReadAll(conn)
		require.NoError(r.x.T(), err)
		return got
	case <-r.x.T().Context().Done():
		return nil
	}
}

// Absent returns an address on which nobody listens: the kernel refuses connections to it. The port is
// the local port of an open connection, so nobody else can start to listen on it.
func Absent(x *harness.Experiment) (address string) {
	x.T().Helper()
	x.Struck(story.RefusedConnect)
	client, _ := PairNoKeepalive(x)
	return client.LocalAddr().String()
}
