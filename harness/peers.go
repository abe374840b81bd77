package harness

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/stretchr/testify/require"
)

// SilentPeer accepts connections, reads what comes and never says a word.
func (x *Experiment) SilentPeer() (address string) {
	x.t.Helper()
	return x.Serve(func(_ context.Context, conn *net.TCPConn) {
		io.Copy(io.Discard, conn)
	})
}

// DrippingPeer answers every connection with text, one byte at a time: the first at once, the
// others each after a pause. Then it closes.
func (x *Experiment) DrippingPeer(text string, pause time.Duration) (address string) {
	x.t.Helper()
	return x.Serve(func(ctx context.Context, conn *net.TCPConn) {
		defer conn.Close()
		drip(ctx, conn, text, pause)
	})
}

// Drip sends text on conn as a DrippingPeer does, while the test goes on.
func (x *Experiment) Drip(conn *net.TCPConn, text string, pause time.Duration) {
	x.work.Go(func() { drip(x.t.Context(), conn, text, pause) })
}

func drip(ctx context.Context, conn *net.TCPConn, text string, pause time.Duration) {
	for i := range len(text) {
		if i > 0 && !passed(ctx, pause) {
			return
		}
		if _, err := conn.Write([]byte{text[i]}); err != nil {
			return
		}
	}
}

// passed lets time pass; it returns false if the experiment ends before.
func passed(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// StalledReader is a peer that accepts one connection and reads nothing, so that its window closes.
type StalledReader struct {
	Address string
	x       *Experiment
	conn    chan *net.TCPConn
}

// StalledReader starts such a peer.
func (x *Experiment) StalledReader() *StalledReader {
	x.t.Helper()
	r := &StalledReader{x: x, conn: make(chan *net.TCPConn, 1)}
	r.Address = x.Serve(func(_ context.Context, conn *net.TCPConn) { r.conn <- conn })
	return r
}

// ReadAll makes the peer read after all, until the other side ends the stream, and returns all
// that has arrived.
func (r *StalledReader) ReadAll() []byte {
	r.x.t.Helper()
	select {
	case conn := <-r.conn:
		got, err := io.ReadAll(conn)
		require.NoError(r.x.t, err)
		return got
	case <-r.x.t.Context().Done():
		return nil
	}
}

// AbsentPeer is an address on which nobody listens; connecting to it is refused. The port is the
// local port of an open connection, so nobody else can come to listen on it.
func (x *Experiment) AbsentPeer() (address string) {
	x.t.Helper()
	client, _ := x.PairNoKeepalive()
	return client.LocalAddr().String()
}
