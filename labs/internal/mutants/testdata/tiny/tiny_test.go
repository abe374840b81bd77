package tiny_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"tiny"
)

var past = time.Unix(1, 0)

var configs = []net.ListenConfig{
	{KeepAlive: time.Second, Control: func(string, string, syscall.RawConn) error { return nil }},
}

func pair(t testing.TB) net.Conn {
	listener, err := configs[0].Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	client, err := tiny.Dial(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func expire(conn net.Conn) error { return conn.SetWriteDeadline(past) }

func TestNoticed(t *testing.T) {
	client := pair(t)
	if err := errors.Join(client.SetWriteDeadline(time.Time{}), expire(client)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Write([]byte("a")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

func TestHangs(t *testing.T) {
	client := pair(t)
	if err := client.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	client.Read(make([]byte, 1))
}

func TestSkipped(t *testing.T) {
	t.Skip("not here")
	pair(t).SetReadDeadline(past)
}

func TestNobodyLooks(t *testing.T) {
	client := pair(t)
	client.SetDeadline(time.Now())
	client.SetDeadline(time.Now())
}

func BenchmarkNoticed(b *testing.B) {
	client := pair(b)
	for b.Loop() {
		if client.SetReadDeadline(past); !errors.Is(read(client), os.ErrDeadlineExceeded) {
			b.Fatal("read")
		}
	}
}

func read(conn net.Conn) error {
	_, err := conn.Read(nil)
	return err
}
