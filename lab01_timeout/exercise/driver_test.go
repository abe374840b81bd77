package exercise_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/lab01_timeout/exercise"
)

// The functions of this file run in the student's process. The graders call them, and they call the student's code.

// noKey is a net.Conn that can't be compared with ==, or be the key of a map.
type noKey struct {
	net.Conn
	_ []byte
}

// given is what the student's code gets: c itself if it is a network connection, and otherwise a noKey around other.
func given(c grading.Conn, other net.Conn) net.Conn {
	if c.InStudent {
		return c.Get()
	}
	return noKey{Conn: other}
}

// patientFields are the fields of a new PatientConn.
type patientFields struct {
	Inside  grading.Conn
	Timeout time.Duration
}

var newPatientConn = grading.Export("PatientConn", func(p patientFields) grading.Conn {
	return grading.KeepConn(&exercise.PatientConn{Conn: given(p.Inside, p.Inside.Get()), Timeout: p.Timeout})
})

// setTimeout says which PatientConn's Timeout is to be set, and to what.
type setTimeout struct {
	Of grading.Conn
	To time.Duration
}

var setTimeoutOf = grading.Export("Timeout", func(s setTimeout) struct{} {
	s.Of.Get().(*exercise.PatientConn).Timeout = s.To
	return struct{}{}
})

// made makes data in the student's process. This takes time, so it is done before the grader reads the clock.
// Behind the data is something else of the caller's.
var made = grading.Export("data", func(d grading.Data) grading.Handle[[]byte] {
	return grading.Keep(slices.Concat(d.Bytes(), []byte("behind"))[:d.Size])
})

// names is the resolver that asks the name server in use. It is nil until there is a name server.
var names atomic.Pointer[net.Resolver]

// A call that has returned may still be looking up a name. So net.DefaultResolver is set only once, and names changes with the name server.
func init() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		resolver := names.Load()
		if resolver == nil {
			return nil, errors.New("there is no name server yet")
		}
		conn, err := resolver.Dial(ctx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() }) // otherwise, package net goes on waiting after ctx is done
		}
		return conn, err
	}}
}

// useNames puts a name server in use, for all names.
var useNames = grading.Export("names", func(server string) struct{} {
	names.Store(peer.NamesFrom(server))
	return struct{}{}
})

// returned has functions that report whether a reply that AskWithin has returned is still the same.
var returned struct {
	sync.Mutex
	areSame []func() bool
}

// repliesStay reports whether all replies so far are still the same.
var repliesStay = grading.Export("earlier replies", func(struct{}) bool {
	returned.Lock()
	defer returned.Unlock()
	return !slices.ContainsFunc(returned.areSame, func(isSame func() bool) bool { return !isSame() })
})

func remember(reply []byte) {
	returned.Lock()
	defer returned.Unlock()
	returned.areSame = append(returned.areSame, staysSame(reply))
}

// staysSame returns a function that reports whether the beginning of data is still the same.
func staysSame(data []byte) (isSame func() bool) {
	beginning := data[:min(len(data), 64<<10)]
	before := bytes.Clone(beginning)
	return func() bool { return bytes.Equal(beginning, before) }
}

// staysCallers is staysSame for the caller's data, and what is behind it.
func staysCallers(data []byte) (isSame func() bool) {
	before, behind := staysSame(data), staysSame(data[len(data):cap(data)])
	return func() bool { return before() && behind() }
}

// quickestOf makes several calls, and returns how long the quickest took.
func quickestOf(calls int, call func()) time.Duration {
	quickest := time.Duration(math.MaxInt64)
	for range calls {
		began := time.Now()
		call()
		quickest = min(quickest, time.Since(began))
	}
	return quickest
}

// shipment holds the arguments of SendAll, and receipt its results.
type shipment struct {
	Conn     grading.Conn
	Data     grading.Handle[[]byte]
	Patience time.Duration
	GoOn     grading.Callback[int, bool]
}

// optionsOf returns the values of the socket options of a connection, as text.
var optionsOf = grading.Export("options", func(c grading.Conn) string { return optionsOfSocket(c.Get()) })

// setOptionsOf gives options of a connection values that differ from Go's defaults.
var setOptionsOf = grading.Export("set options", func(c grading.Conn) struct{} {
	tcp := c.Get().(*net.TCPConn)
	tcp.SetNoDelay(false)
	tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: 77 * time.Minute, Interval: 7 * time.Minute, Count: 7})
	return struct{}{}
})

var optionsOfSocket = func(net.Conn) string { return "not known here" } // on Linux, driver_options_linux_test.go sets it

type receipt struct {
	Sent    int
	Err     *grading.WireError
	Lost    bool // the connection has returned errors, and errors.Is finds none of them in Err
	Changed bool // the caller's data is no longer what it was
}

var sendAll = grading.Export("SendAll", func(s shipment) receipt {
	defer s.Data.Drop()
	telling, isSame := &tellingConn{Conn: s.Conn.Get()}, staysCallers(s.Data.Get())
	sent, err := exercise.SendAll(given(s.Conn, telling), s.Data.Get(), s.Patience, s.GoOn.Call)
	return receipt{sent, grading.ToWire(err), telling.isLost(err), !isSame()}
})

// tellingConn remembers the errors that it returns, except timeouts and io.EOF.
type tellingConn struct {
	net.Conn
	told []error
}

func (c *tellingConn) Read(buf []byte) (int, error) {
	n, err := c.Conn.Read(buf)
	return n, c.tell(err)
}

func (c *tellingConn) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	return n, c.tell(err)
}

func (c *tellingConn) tell(err error) error {
	if err != nil && err != io.EOF && !errors.Is(err, os.ErrDeadlineExceeded) {
		if err != io.ErrUnexpectedEOF { // code that compares by == must see this one, as from package tls
			err = fmt.Errorf("a connection: %w", err)
		}
		c.told = append(c.told, err)
	}
	return err
}

// isLost reports whether tellingConn has returned such errors, and errors.Is finds none of them in err.
func (c *tellingConn) isLost(err error) bool {
	return len(c.told) > 0 && !slices.ContainsFunc(c.told, func(told error) bool { return errors.Is(err, told) })
}

// messages is a MessageReader in the student's process, with all messages that it has returned.
type messages struct {
	reader *exercise.MessageReader
	conn   *tellingConn
	all    [][]byte
}

var newMessageReader = grading.Export("MessageReader", func(c grading.Conn) grading.Handle[*messages] {
	telling := &tellingConn{Conn: c.Get()}
	return grading.Keep(&messages{reader: &exercise.MessageReader{Conn: given(c, telling)}, conn: telling})
})

type nextCall struct {
	Of       grading.Handle[*messages]
	Patience time.Duration
	Appends  bool // append a byte to the message, which belongs to the caller
}

// appended returns the byte that the caller appends to message i. It is not 0, and not the byte that was appended to the message before.
func appended(i int) byte { return byte(1 + i%200) }

// nextMessage is what Next has returned, and after how long.
type nextMessage struct {
	Data    []byte
	Err     *grading.WireError
	TooLong bool
	Took    time.Duration
	Lost    bool // the connection has returned errors, and errors.Is finds none of them in Err
}

var next = grading.Export("Next", func(c nextCall) nextMessage {
	m := c.Of.Get()
	began := time.Now()
	data, err := m.reader.Next(c.Patience)
	took := time.Since(began)
	returned := append([]byte{}, data...)
	if c.Appends {
		data = append(data, appended(len(m.all)))
	}
	m.all = append(m.all, data)
	return nextMessage{returned, grading.ToWire(err), errors.Is(err, exercise.ErrTooLong), took, m.conn.isLost(err)}
})

// earlier returns the messages that Next has returned so far, with the bytes that they have now.
var earlier = grading.Export("earlier messages", func(of grading.Handle[*messages]) [][]byte { return of.Get().all })
