package exercise_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/lab04_compare/exercise"
)

// What the grader of Serve calls in the student's process.

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
	Server grading.Handle[*served]
	Limits exercise.Limits
	Answer grading.Callback[[]byte, answered]
}

// answered is an answer of the grader's. A long one need not cross over as it is.
type answered struct {
	Text   []byte
	Repeat int
}

func (a answered) String() string { return strings.Repeat(string(a.Text), a.Repeat) }

var serve = grading.Export("Serve", func(t toServe) *grading.WireError {
	s := t.Server.Get()
	return grading.ToWire(exercise.Serve(s.ctx, s.listener, t.Limits, func(question string) string {
		return t.Answer.Call([]byte(question)).String()
	}))
})

var stopServing = grading.Export("Serve's context", func(s grading.Handle[*served]) struct{} {
	s.Get().stop()
	return struct{}{}
})

var closeListener = grading.Export("Serve's listener", func(s grading.Handle[*served]) struct{} {
	s.Get().listener.Close()
	return struct{}{}
})

// lack is a time without descriptors, and how long the process has computed meanwhile.
type lack struct {
	Took, Computed time.Duration
	Err            *grading.WireError
}

// withoutDescriptors leaves the student's process no descriptor but those that it has.
var withoutDescriptors = grading.Export("Serve without descriptors", func(while time.Duration) lack {
	var before unix.Rlimit
	next, err := unix.Dup(0)
	err = errors.Join(err, unix.Close(next), unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	if err != nil {
		return lack{Err: grading.ToWire(err)}
	}
	none := unix.Rlimit{Cur: uint64(next), Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		return lack{Err: grading.ToWire(err)}
	}
	began, earlier := time.Now(), computed()
	time.Sleep(while)
	l := lack{Took: time.Since(began), Computed: computed() - earlier}
	l.Err = grading.ToWire(unix.Setrlimit(unix.RLIMIT_NOFILE, &before))
	return l
})

// computed is for how long the process has computed: getrusage(2).
func computed() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
