package exercise_test

import (
	"context"
	"io"
	"math"
	"net"
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
