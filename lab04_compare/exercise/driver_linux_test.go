package exercise_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/refuse"
	"socketlabs/lab04_compare/exercise"
)

// What the graders call in the student's process.

// ended is a call that has ended with an error, which is made there.
type ended struct {
	During exercise.Call
	IsNil  bool
	Err    described
}

var nextStep = grading.Export("NextStep", func(e ended) exercise.Step {
	if e.IsNil {
		return exercise.NextStep(e.During, nil)
	}
	return exercise.NextStep(e.During, e.Err.err())
})

// served is a listener there, and what ends its Serve.
type served struct {
	listener *net.TCPListener
	ctx      context.Context
	stop     context.CancelFunc
}

func (s *served) Close() error {
	s.stop()
	return s.listener.Close()
}

// listening is what a listener is called.
type listening struct {
	Server  grading.Handle[*served]
	Address string
	Err     *grading.WireError
}

// place is where to listen. If clients are to forget their connections, it is one hop away from them.
type place struct {
	Address    string
	OneHopAway bool
}

var listenAt = grading.Export("Listen", func(p place) listening {
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", p.Address)
	if err != nil {
		return listening{Err: grading.ToWire(err)}
	}
	s := &served{listener: listener.(*net.TCPListener)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if p.OneHopAway {
		err = link.AcceptOneHopAway(s.listener)
	}
	return listening{grading.Keep(s), listener.Addr().String(), grading.ToWire(err)}
})

type toServe struct {
	Server  grading.Handle[*served]
	Limits  exercise.Limits
	Answer  grading.Callback[[]byte, answered]
	Refused []refuse.Call
}

// hasServed is what Serve has returned, or why the kernel can't be made to refuse something here.
type hasServed struct {
	Err    *grading.WireError
	Unable string
}

// answered is an answer of the grader's. A long one need not cross over as it is.
type answered struct {
	Text   []byte
	Repeat int
}

func (a answered) String() string { return strings.Repeat(string(a.Text), a.Repeat) }

var serve = grading.Export("Serve", func(t toServe) hasServed {
	if err := refuse.OnThisThread(t.Refused...); err != nil {
		return hasServed{Unable: err.Error()}
	}
	s := t.Server.Get()
	return hasServed{Err: grading.ToWire(exercise.Serve(s.ctx, s.listener, t.Limits, func(question string) string {
		return t.Answer.Call([]byte(question)).String()
	}))}
})

// toEnd is what ends a Serve: its listener, or else its context.
type toEnd struct {
	Server     grading.Handle[*served]
	ByListener bool
}

var endServing = grading.Export("the end of Serve", func(e toEnd) struct{} {
	if e.ByListener {
		e.Server.Get().listener.Close()
	} else {
		e.Server.Get().stop()
	}
	return struct{}{}
})

// lack is what a process has that can open nothing more.
type lack struct {
	Before unix.Rlimit
	Err    *grading.WireError
}

// takeDescriptors leaves the student's process few descriptors more than those that it has, or none.
var takeDescriptors = grading.Export("no more descriptors", func(more int) (l lack) {
	next, err := unix.Dup(0)
	err = errors.Join(err, unix.Close(next), unix.Getrlimit(unix.RLIMIT_NOFILE, &l.Before))
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next + more), Max: l.Before.Max})
	}
	l.Err = grading.ToWire(err)
	return l
})

// giveDescriptors ends that.
var giveDescriptors = grading.Export("descriptors", func(l lack) lack {
	l.Err = grading.ToWire(unix.Setrlimit(unix.RLIMIT_NOFILE, &l.Before))
	return l
})

// computed is for how long the process has computed so far: getrusage(2).
var computed = grading.Export("the time", func(struct{}) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
})

// pooled is a connection that a Pool has given.
type pooled struct {
	Conn  grading.Handle[*net.TCPConn]
	Local string
	Err   *grading.WireError
}

// poolOf is a Pool's fields.
type poolOf struct {
	Address string
	MaxIdle time.Duration
	Keep    int
}

var newPool = grading.Export("Pool", func(p poolOf) grading.Handle[*exercise.Pool] {
	return grading.Keep(&exercise.Pool{Address: p.Address, MaxIdle: p.MaxIdle, Keep: p.Keep})
})

// toGet is a call of Get whose context ends after a time.
type toGet struct {
	Pool  grading.Handle[*exercise.Pool]
	Until time.Duration
}

var getPooled = grading.Export("Get", func(g toGet) pooled {
	ctx, cancel := context.WithTimeout(context.Background(), g.Until)
	defer cancel()
	conn, err := g.Pool.Get().Get(ctx)
	if err != nil || conn == nil {
		return pooled{Err: grading.ToWire(err)}
	}
	return pooled{Conn: grading.Keep(conn), Local: conn.LocalAddr().String()}
})

// quickestGet is how long the quickest took of many calls of Get. Each gives the connection that was put before it.
var quickestGet = grading.Export("the quickest Get", func(p toPut) time.Duration {
	const calls = 30
	pool, conn, quickest := p.Pool.Get(), p.Conn.Get(), time.Duration(math.MaxInt64)
	for range calls {
		pool.Put(conn)
		began := time.Now()
		var err error
		if conn, err = pool.Get(context.Background()); err != nil {
			break
		}
		quickest = min(quickest, time.Since(began))
	}
	if conn != nil {
		conn.Close()
	}
	return quickest
})

// toPut is a call of Put.
type toPut struct {
	Pool grading.Handle[*exercise.Pool]
	Conn grading.Handle[*net.TCPConn]
}

var putPooled = grading.Export("Put", func(p toPut) struct{} {
	conn := p.Conn.Get()
	p.Conn.Drop() // it is the pool's
	p.Pool.Get().Put(conn)
	return struct{}{}
})

var closePool = grading.Export("Close", func(p grading.Handle[*exercise.Pool]) struct{} {
	p.Get().Close()
	return struct{}{}
})

// spoil is what callers do to a connection: close it, or set a deadline that is over.
type spoil struct {
	Conn  grading.Handle[*net.TCPConn]
	Close bool
}

var spoilPooled = grading.Export("the caller", func(s spoil) *grading.WireError {
	if s.Close {
		return grading.ToWire(s.Conn.Get().Close())
	}
	return grading.ToWire(s.Conn.Get().SetDeadline(time.Unix(1, 0)))
})

// toAsk is a question on a connection.
type toAsk struct {
	Conn     grading.Handle[*net.TCPConn]
	Question []byte
}

// askPooled sends a question, and reads as many bytes.
var askPooled = grading.Export("a question", func(a toAsk) *grading.WireError {
	if _, err := a.Conn.Get().Write(a.Question); err != nil {
		return grading.ToWire(err)
	}
	_, err := io.ReadFull(a.Conn.Get(), make([]byte, len(a.Question)))
	return grading.ToWire(err)
})

// toDrain is a call of Drain. It serves a client by one answer to one question, and may close the connection itself.
type toDrain struct {
	Server grading.Handle[*served]
	Answer grading.Callback[[]byte, answered]
	Grace  time.Duration
	Closes bool
}

type drained struct {
	Served, Ended int
	Err           *grading.WireError
}

var drain = grading.Export("Drain", func(d toDrain) drained {
	n, ended, err := exercise.Drain(d.Server.Get().listener, func(conn net.Conn) {
		question, err := bufio.NewReaderSize(conn, shortest).ReadString('\n')
		if err == nil {
			io.WriteString(conn, d.Answer.Call([]byte(question)).String())
		}
		if d.Closes {
			conn.Close()
		}
	}, d.Grace)
	return drained{n, ended, grading.ToWire(err)}
})

// shortest is the size of a buffer that holds little more than a question.
const shortest = 16
