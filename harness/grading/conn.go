package grading

import (
	"bytes"
	"encoding/json"
	"net"
	"time"

	"socketlabs/harness/grading/student"
)

// Conn is a connection that a driver gives to the student's code. Either its end is in the student's process (see
// [Grader.Dial] and [KeepConn]), or it is a net.Conn in the grader's process. In the second case, each method runs in the
// grader's process, because a scripted connection and its log are there (see [Grader.Script]).
type Conn struct {
	InStudent bool
	Number    uint64
}

// Get returns the connection. It is called in the student's process.
func (c Conn) Get() net.Conn {
	if c.InStudent {
		return own.get(c.Number).(net.Conn)
	}
	return &farConn{toGrader, c.Number}
}

// KeepConn keeps a connection in the student's process, so that the grader can use it with [Grader.Conn].
func KeepConn(c net.Conn) Conn { return Conn{true, own.add(c)} }

// Script makes a Conn from a net.Conn in the grader's process. It need not be a network connection.
func (g *Grader) Script(c net.Conn) Conn { return Conn{false, g.kept.add(c)} }

// Dial makes the student's process connect to an address, with keepalive off. The connection is closed at the end
// of the grading.
func (g *Grader) Dial(address string) Conn {
	g.t.Helper()
	var to dialed
	g.Prepare("connecting to "+address, func() { to = dial.On(g, address) })
	if err := to.Err.Err(); err != nil {
		g.t.Fatalf("the student's process does not connect: %v", err)
	}
	return to.Conn
}

type dialed struct {
	Conn Conn
	Err  *WireError
}

var dial = Export("grading.Dial", func(address string) dialed {
	dialer := net.Dialer{KeepAlive: -1}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return dialed{Err: ToWire(err)}
	}
	return dialed{Conn: KeepConn(conn)}
})

// Conn returns a connection in the student's process, for the grader: each method runs in the student's process. As for
// any call to that process, call the methods within [Grader.Call] or [Grader.Go].
func (g *Grader) Conn(c Conn) net.Conn { return &farConn{g.student.Channel, c.Number} }

// farConn is a net.Conn in the other process.
type farConn struct {
	channel *student.Channel
	number  uint64
}

// connCall is a call of a connection's method, and connResult is its result.
type connCall struct {
	Number uint64
	Method string
	Data   []byte
	Most   int
	Moment time.Time
}

type connResult struct {
	N       int
	Data    []byte
	Network string
	Address string
	Err     *WireError
}

const callConn = "grading.Conn"

func (c *farConn) call(call connCall) connResult {
	call.Number = c.number
	return student.Decode[connResult](c.channel.Call(callConn, call))
}

func (c *farConn) Read(buf []byte) (int, error) {
	r := c.call(connCall{Method: "Read", Most: len(buf)})
	copy(buf, r.Data)
	return r.N, r.Err.Err()
}

func (c *farConn) Write(data []byte) (int, error) {
	r := c.call(connCall{Method: "Write", Data: data})
	return r.N, r.Err.Err()
}

func (c *farConn) Close() error { return c.call(connCall{Method: "Close"}).Err.Err() }

func (c *farConn) SetDeadline(t time.Time) error {
	return c.call(connCall{Method: "SetDeadline", Moment: t}).Err.Err()
}

func (c *farConn) SetReadDeadline(t time.Time) error {
	return c.call(connCall{Method: "SetReadDeadline", Moment: t}).Err.Err()
}

func (c *farConn) SetWriteDeadline(t time.Time) error {
	return c.call(connCall{Method: "SetWriteDeadline", Moment: t}).Err.Err()
}

func (c *farConn) LocalAddr() net.Addr  { return c.address("LocalAddr") }
func (c *farConn) RemoteAddr() net.Addr { return c.address("RemoteAddr") }

func (c *farConn) address(which string) net.Addr {
	r := c.call(connCall{Method: which})
	if tcp, err := net.ResolveTCPAddr(r.Network, r.Address); err == nil {
		return tcp
	}
	return namedAddr{r.Network, r.Address}
}

// namedAddr is an address of a protocol other than TCP.
type namedAddr struct{ network, name string }

func (a namedAddr) Network() string { return a.network }
func (a namedAddr) String() string  { return a.name }

// carryOut carries out a call from the other process on a connection that this process keeps.
func (t *table) carryOut(body json.RawMessage) (r connResult) {
	call := student.Decode[connCall](body)
	conn, isConn := t.get(call.Number).(net.Conn)
	if !isConn {
		return connResult{Err: ToWire(net.ErrClosed)} // this process does not keep the connection any more
	}
	var err error
	switch call.Method {
	case "Read":
		buf := make([]byte, max(0, min(call.Most, student.MostBytes/2)))
		r.N, err = conn.Read(buf)
		r.Data = bytes.Clone(buf[:max(0, min(r.N, len(buf)))])
		clear(buf) // a caller may use its buffer again: Read must not keep it
	case "Write":
		r.N, err = conn.Write(call.Data)
	case "Close":
		err = conn.Close()
	case "SetDeadline":
		err = conn.SetDeadline(call.Moment)
	case "SetReadDeadline":
		err = conn.SetReadDeadline(call.Moment)
	case "SetWriteDeadline":
		err = conn.SetWriteDeadline(call.Moment)
	case "LocalAddr":
		r.Network, r.Address = conn.LocalAddr().Network(), conn.LocalAddr().String()
	case "RemoteAddr":
		r.Network, r.Address = conn.RemoteAddr().Network(), conn.RemoteAddr().String()
	}
	r.Err = ToWire(err)
	return r
}
