package exercise_test

import (
	"context"
	"errors"
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

// poolOf has the exported fields of a Pool.
type poolOf struct {
	Address string
	MaxIdle time.Duration
	Keep    int
}

var newPool = grading.Export("Pool", func(p poolOf) grading.Handle[*exercise.Pool] {
	return grading.Keep(&exercise.Pool{Address: p.Address, MaxIdle: p.MaxIdle, Keep: p.Keep})
})

// toGet is a call of Get. Its context ends when Until has passed: by its deadline or, with Cancel, because it is canceled.
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

// toGetMany is a number of calls of Get at the same time.
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

// getRounds makes rounds of calls of Get, and puts the connections after each round. The calls of a round are made at the
// same time. getRounds returns the client's addresses of the connections, round by round. It stops after a second, or 500 rounds.
var getRounds = grading.Export("rounds of Get", func(g toGetMany) (given [][]string) {
	const rounds, long = 500, time.Second
	pool := g.Pool.Get()
	for began := time.Now(); len(given) < rounds && time.Since(began) < long; {
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

// quick is the result of many calls of Get, one after another. Before each of them, the caller puts its only connection.
type quick struct {
	Quickest time.Duration
	Others   int // calls that gave another connection than this one, or none
}

var quickestGet = grading.Export("the quickest Get", func(p toPut) quick {
	const calls = 120
	pool, conn, got := p.Pool.Get(), p.Conn.Get(), quick{Quickest: math.MaxInt64}
	for range calls {
		pool.Put(conn)
		began := time.Now()
		next, err := pool.Get(context.Background())
		got.Quickest = min(got.Quickest, time.Since(began))
		if err != nil || next != conn {
			got.Others++
		}
		if conn = next; err != nil {
			return got
		}
	}
	conn.Close()
	return got
})

// quickestConnect makes calls of Get that connect, and returns how long the quickest takes.
var quickestConnect = grading.Export("the quickest connect", func(pool grading.Handle[*exercise.Pool]) time.Duration {
	quickest := time.Duration(math.MaxInt64)
	for range 8 {
		began := time.Now()
		conn, err := pool.Get().Get(context.Background())
		if err == nil {
			quickest = min(quickest, time.Since(began))
			conn.Close()
		}
	}
	return quickest
})

// closedPools is what went wrong when callers called Get of pools that were closed meanwhile.
type closedPools struct {
	Unusable int                // connections that were closed when Get gave them
	Quickest time.Duration      // call of Close
	Err      *grading.WireError // of Get, other than net.ErrClosed
}

// closeAtOnce closes pools, one after another. Meanwhile, callers get a connection from each, and put it.
var closeAtOnce = grading.Export("Close of many pools", func(address string) (seen closedPools) {
	const pools, callers, long = 60, 3, 2 * time.Second
	seen.Quickest = math.MaxInt64
	begin := time.Now()
	var mu sync.Mutex
	for i := range pools {
		pool := &exercise.Pool{Address: address, MaxIdle: time.Hour, Keep: callers}
		var done sync.WaitGroup
		for range callers {
			done.Go(func() {
				conn, err := pool.Get(context.Background())
				if err == nil && conn.SetLinger(0) == nil { // so that it leaves no TIME_WAIT
					pool.Put(conn) // while others call Put, too
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					seen.Unusable++
				} else if !errors.Is(err, net.ErrClosed) {
					seen.Err = grading.ToWire(err)
				}
			})
		}
		time.Sleep(time.Duration(i) * 5 * time.Microsecond)
		began := time.Now()
		pool.Close()
		seen.Quickest = min(seen.Quickest, time.Since(began))
		done.Wait()
		if time.Since(begin) > long {
			break
		}
	}
	return seen
})

// toPut is a call of Put.
type toPut struct {
	Pool  grading.Handle[*exercise.Pool]
	Conn  grading.Handle[*net.TCPConn]
	Again bool // the caller will put the connection again
}

var putPooled = grading.Export("Put", func(p toPut) struct{} {
	conn := p.Conn.Get()
	if !p.Again {
		p.Conn.Drop() // the connection belongs to the pool from now on
	}
	p.Pool.Get().Put(conn)
	return struct{}{}
})

var closePool = grading.Export("Close", func(p grading.Handle[*exercise.Pool]) struct{} {
	p.Get().Close()
	return struct{}{}
})

// spoil is what a caller does to a connection: close it, or set a deadline that has passed.
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

// toAsk is a question to send on a connection.
type toAsk struct {
	Conn     grading.Handle[*net.TCPConn]
	Question []byte
}

// askPooled sends a question, and reads an answer of the same length.
var askPooled = grading.Export("a question", func(a toAsk) *grading.WireError {
	if _, err := a.Conn.Get().Write(a.Question); err != nil {
		return grading.ToWire(err)
	}
	_, err := io.ReadFull(a.Conn.Get(), make([]byte, len(a.Question)))
	return grading.ToWire(err)
})
