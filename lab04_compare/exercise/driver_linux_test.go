package exercise_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/refuse"
	"socketlabs/lab04_compare/exercise"
)

// This file has the functions that the graders call in the student's process.

// served is a listener in the student's process, and the context of its Serve, with what ends the context.
type served struct {
	listener *net.TCPListener
	ctx      context.Context
	stop     context.CancelFunc
}

func (s *served) Close() error {
	s.stop()
	return s.listener.Close()
}

// listening is the handle and the address of a listener, or the error of listen.
type listening struct {
	Server  grading.Handle[*served]
	Address string
	Err     *grading.WireError
}

// place is where to listen. With OneHopAway, the grader can make the hosts of clients forget their connections: link.Forget.
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
	ctx, cancel := context.WithCancelCause(context.Background())
	s.ctx, s.stop = ctx, func() { cancel(errors.New("the server's host is shut down")) }
	if p.OneHopAway {
		err = link.AcceptOneHopAway(s.listener)
	}
	return listening{grading.Keep(s), listener.Addr().String(), grading.ToWire(err)}
})

// toServe is a call of Serve. The kernel refuses the calls in Refused on the thread of Serve.
type toServe struct {
	Server  grading.Handle[*served]
	Limits  exercise.Limits
	Answer  grading.Callback[[]byte, answered]
	Refused []refuse.Call
	IsLate  bool // the context's deadline has passed

	ListenerIsLate bool // the listener's deadline has passed
}

// hasServed is what Serve has returned, or why the kernel can't be made to refuse calls on this machine.
type hasServed struct {
	Err     *grading.WireError
	Unable  string
	Changed string // a question that changed after the function answer was called with it
}

// questions are the questions that Serve has passed to its function answer, and their copies.
type questions struct {
	mu          sync.Mutex
	all, copies []string
}

func (q *questions) note(question string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all, q.copies = append(q.all, question), append(q.copies, strings.Clone(question))
}

// changed returns a question that has changed, as it was. Serve has returned.
func (q *questions) changed() string {
	for i, question := range q.all {
		if question != q.copies[i] {
			return q.copies[i]
		}
	}
	return ""
}

// answered is an answer that the grader gives: Text, Repeat times. So a long answer is short on its way between the processes.
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
	if t.ListenerIsLate {
		s.listener.SetDeadline(time.Unix(1, 0))
	}
	ctx := s.ctx
	if t.IsLate {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.Background(), 0)
		defer cancel()
	}
	var asked questions
	err := exercise.Serve(ctx, s.listener, t.Limits, func(question string) string {
		asked.note(question)
		return t.Answer.Call([]byte(question)).String()
	})
	return hasServed{Err: grading.ToWire(err), Changed: asked.changed()}
})

// toEnd says how to end a Serve: by closing its listener, or else by canceling its context.
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

// lack is the limit of open files that the process had before it was lowered.
type lack struct {
	Before unix.Rlimit
	Err    *grading.WireError
}

// takeDescriptors lets the student's process open only so many more descriptors, or none: RLIMIT_NOFILE in getrlimit(2).
var takeDescriptors = grading.Export("no more descriptors", func(more int) (l lack) {
	next, err := unix.Dup(0)
	err = errors.Join(err, unix.Close(next), unix.Getrlimit(unix.RLIMIT_NOFILE, &l.Before))
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next + more), Max: l.Before.Max})
	}
	l.Err = grading.ToWire(err)
	return l
})

// giveDescriptors restores the limit.
var giveDescriptors = grading.Export("descriptors", func(l lack) lack {
	l.Err = grading.ToWire(unix.Setrlimit(unix.RLIMIT_NOFILE, &l.Before))
	return l
})

// computed returns how much processor time the student's process has used so far: getrusage(2).
var computed = grading.Export("the time", func(struct{}) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err) // getrusage can't fail here
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
})

// toDrain is a call of Drain. Its function serve answers one question. Then serve may close the connection or its half of it,
// or leave a deadline that has passed. The kernel refuses the calls in Refused on the thread of Drain.
type toDrain struct {
	Server         grading.Handle[*served]
	Answer         grading.Callback[[]byte, answered]
	Grace          time.Duration
	Closes         bool
	HalfCloses     bool
	LeavesDeadline bool
	IsLate         bool // the listener's deadline has passed
	Refused        []refuse.Call
}

// drained is what Drain has returned, or why the kernel can't be made to refuse calls on this machine.
type drained struct {
	Served, Ended int
	Calls         int32 // of serve
	Err           *grading.WireError
	Unable        string
}

var drain = grading.Export("Drain", func(d toDrain) drained {
	if err := refuse.OnThisThread(d.Refused...); err != nil {
		return drained{Unable: err.Error()}
	}
	listener := d.Server.Get().listener
	if d.IsLate {
		listener.SetDeadline(time.Unix(1, 0))
	}
	var calls atomic.Int32
	n, ended, err := exercise.Drain(listener, func(conn net.Conn) {
		calls.Add(1)
		question, err := bufio.NewReaderSize(conn, shortest).ReadString('\n')
		if err == nil {
			io.WriteString(conn, d.Answer.Call([]byte(question)).String())
		}
		if d.Closes {
			conn.Close()
		}
		if half, ok := conn.(interface{ CloseWrite() error }); ok && d.HalfCloses {
			half.CloseWrite()
		}
		if d.LeavesDeadline {
			conn.SetDeadline(time.Unix(1, 0))
		}
	}, d.Grace)
	return drained{Served: n, Ended: ended, Calls: calls.Load(), Err: grading.ToWire(err)}
})

// shortest is the size of serve's read buffer. It holds little more than a question, so serve leaves the rest unread.
const shortest = 16

// blocksPooled reports whether reads and writes wait in the kernel, where no deadline of net ends them.
var blocksPooled = grading.Export("a look at the descriptor", func(c grading.Handle[*net.TCPConn]) (blocks bool) {
	raw, err := c.Get().SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) {
			flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
			blocks = err == nil && flags&unix.O_NONBLOCK == 0
		})
	}
	return blocks
})
