package exercise_test

import (
	"context"
	"io"
	"math"
	"net"
	"sync"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/lab04_compare/exercise"
)

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

// toGet is a call of Get whose context ends after a time: it has a deadline, or is canceled then.
type toGet struct {
	Pool   grading.Handle[*exercise.Pool]
	Until  time.Duration
	Cancel bool
}

var getPooled = grading.Export("Get", func(g toGet) pooled {
	ctx, cancel := context.WithTimeout(context.Background(), g.Until)
	defer cancel()
	if g.Cancel {
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		defer time.AfterFunc(g.Until, cancel).Stop()
	}
	return getFrom(ctx, g.Pool.Get())
})

func getFrom(ctx context.Context, p *exercise.Pool) pooled {
	conn, err := p.Get(ctx)
	if err != nil || conn == nil {
		return pooled{Err: grading.ToWire(err)}
	}
	return pooled{Conn: grading.Keep(conn), Local: conn.LocalAddr().String()}
}

// toGetMany is so many calls of Get at the same time.
type toGetMany struct {
	Pool  grading.Handle[*exercise.Pool]
	Calls int
}

var getMany = grading.Export("many calls of Get", func(g toGetMany) []pooled { return getAtOnce(g.Pool.Get(), g.Calls) })

func getAtOnce(pool *exercise.Pool, calls int) []pooled {
	all, begin := make([]pooled, calls), make(chan struct{})
	var done sync.WaitGroup
	for i := range all {
		done.Go(func() {
			<-begin
			all[i] = getFrom(context.Background(), pool)
		})
	}
	close(begin)
	done.Wait()
	return all
}

// getRounds makes many calls of Get at the same time again and again. It tells which connections each round gives, and
// puts them.
var getRounds = grading.Export("rounds of Get", func(g toGetMany) (given [][]string) {
	const rounds = 100
	pool := g.Pool.Get()
	for range rounds {
		var locals []string
		for _, c := range getAtOnce(pool, g.Calls) {
			locals = append(locals, c.Local)
			if c.Err.Err() == nil {
				pool.Put(c.Conn.Get())
				c.Conn.Drop()
			}
		}
		given = append(given, locals)
	}
	return given
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
	Pool  grading.Handle[*exercise.Pool]
	Conn  grading.Handle[*net.TCPConn]
	Again bool // it will be put again
}

var putPooled = grading.Export("Put", func(p toPut) struct{} {
	conn := p.Conn.Get()
	if !p.Again {
		p.Conn.Drop() // it is the pool's
	}
	p.Pool.Get().Put(conn)
	return struct{}{}
})

var closePool = grading.Export("Close", func(p grading.Handle[*exercise.Pool]) struct{} {
	p.Get().Close()
	return struct{}{}
})

// spoil is what callers do to a connection: close it, or set a deadline that is over.
type spoil struct {
	Conn     grading.Handle[*net.TCPConn]
	Close    bool
	Deadline deadline
}

type deadline int

const (
	deadlineOfBoth deadline = iota
	deadlineOfReads
	deadlineOfWrites
)

var spoilPooled = grading.Export("the caller", func(s spoil) *grading.WireError {
	conn, over := s.Conn.Get(), time.Unix(1, 0)
	switch {
	case s.Close:
		return grading.ToWire(conn.Close())
	case s.Deadline == deadlineOfReads:
		return grading.ToWire(conn.SetReadDeadline(over))
	case s.Deadline == deadlineOfWrites:
		return grading.ToWire(conn.SetWriteDeadline(over))
	}
	return grading.ToWire(conn.SetDeadline(over))
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
