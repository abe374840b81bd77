package robust

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The deadline of a request does not move: it ends the connection of a client that sends a byte now and then, and of a client
// that sends a single byte.
func TestRequestMustEndWithinLimit(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Answer, limits.Idle = long, long
	s := start(t, limits, nil)
	idle, dripping, hanging := s.client(), s.client(), s.client()

	begun := time.Now()
	send(t, hanging, ".")
	go func() {
		for {
			if _, err := io.WriteString(dripping, "."); err != nil {
				return
			}
			time.Sleep(limits.Request / 10)
		}
	}()
	assert.Equal(t, Reset, MeaningOf(end(hanging)))
	assertLimit(t, limits.Request, time.Since(begun))
	if err := end(dripping); err != nil { // if err is nil, the goroutine's write got the reset
		assert.Equal(t, Reset, MeaningOf(err))
	}
	assertLimit(t, limits.Request, time.Since(begun))
	exchange(t, idle)
}

func TestRequestMayNotBeTooLong(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Request = long
	s := start(t, limits, nil)
	longest := s.client()
	send(t, longest, strings.Repeat(".", limits.Line-1)+"\n")
	_, err := io.ReadFull(longest, make([]byte, limits.Line))
	assert.NoError(t, err)

	tooLong := s.client()
	send(t, tooLong, strings.Repeat(".", limits.Line))
	assert.Equal(t, Reset, MeaningOf(end(tooLong)))
}

// The client does not read. The kernel would drop the client after Limits.silence, but that is more than an hour here.
func TestAnswerMustBeTakenWithinLimit(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Request, limits.Idle, limits.Line = long, long, 1<<20
	s := start(t, limits, nil)
	client := s.client()
	send(t, client, strings.Repeat("?", limits.Line-1))

	begun := time.Now()
	send(t, client, "\n")
	var err error
	for err == nil { // the client reads nothing, so only a write shows it that the connection has ended
		time.Sleep(time.Millisecond)
		err = write(client)
	}
	assert.Contains(t, []Meaning{Reset, Ended}, MeaningOf(err), "%v", err)
	assertLimit(t, limits.Answer, time.Since(begun))
}

// A client that leaves between requests gets a graceful close. A client that leaves in the middle of a request gets a reset.
func TestClientMayLeave(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Request = long
	s := start(t, limits, nil)
	polite, rude := s.client(), s.client()
	require.NoError(t, polite.CloseWrite())
	assert.NoError(t, end(polite))
	log.await(t, "robust: client gone", fmt.Sprint("client=", polite.LocalAddr()), "meaning=ended", "error=EOF")
	send(t, rude, "is any")
	require.NoError(t, rude.CloseWrite())
	assert.Equal(t, Reset, MeaningOf(end(rude)))
	log.await(t, "robust: client gone", fmt.Sprint("client=", rude.LocalAddr()), "meaning=ended", "error=\"unexpected EOF\"")
}

func TestMoreClientsThanAllowedWait(t *testing.T) {
	t.Parallel()
	only := short
	only.Clients = 1
	s := start(t, only, nil)
	first := s.client()
	second := s.connect(net.Dialer{})
	send(t, second, "and I?\n")
	answered := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(second, make([]byte, len("and I?\n")))
		answered <- err
	}()
	for range 10 { // time enough for a server that serves both
		exchange(t, first)
	}
	assert.Empty(t, answered)
	require.NoError(t, first.Close())
	assert.NoError(t, <-answered)
}

func TestStopWhileNoPlaceIsFree(t *testing.T) {
	t.Parallel()
	only := short
	only.Clients = 1
	s := start(t, only, nil)
	client := s.client()
	s.stop()
	assert.NoError(t, end(client))
	require.NoError(t, client.Close())
	assert.NoError(t, s.wait())
}

func TestLimitsThatServeNobody(t *testing.T) {
	t.Parallel()
	for complaint, spoil := range map[string]func(*Limits){
		"Request is 0s: it must be more than 0":                          func(l *Limits) { l.Request = 0 },
		"Request is -1ns: it must be more than 0":                        func(l *Limits) { l.Request = -1 },
		"Answer is 0s: it must be more than 0":                           func(l *Limits) { l.Answer = 0 },
		"Answer is -1s: it must be more than 0":                          func(l *Limits) { l.Answer = -time.Second },
		"Idle is 0s: it must be whole seconds, 1 to 32767":               func(l *Limits) { l.Idle = 0 },
		"Idle is 1.5s: it must be whole seconds, 1 to 32767":             func(l *Limits) { l.Idle = 1500 * time.Millisecond },
		"Idle is 9h6m8s: it must be whole seconds, 1 to 32767":           func(l *Limits) { l.Idle = 32768 * time.Second },
		"Interval is 1ms: it must be whole seconds, 1 to 32767":          func(l *Limits) { l.Interval = time.Millisecond },
		"Interval is 2562047h0m0s: it must be whole seconds, 1 to 32767": func(l *Limits) { l.Interval = 2562047 * time.Hour },
		"Count is 0: it must be 1 to 127":                                func(l *Limits) { l.Count = 0 },
		"Count is 128: it must be 1 to 127":                              func(l *Limits) { l.Count = 128 },
		"Line is 15: it must be at least 16":                             func(l *Limits) { l.Line = 15 },
		"Buffer is 0: it must be at least 1":                             func(l *Limits) { l.Buffer = 0 },
		"Clients is 0: it must be at least 1":                            func(l *Limits) { l.Clients = 0 },
		"Clients is -1: it must be at least 1":                           func(l *Limits) { l.Clients = -1 },
	} {
		limits := short
		spoil(&limits)
		s := start(t, limits, nil)
		assert.EqualError(t, s.wait(), "robust: Limits."+complaint)
		assert.True(t, s.isClosed())
	}
	extreme := Limits{
		Request: 1, Answer: 1, Idle: 32767 * time.Second, Interval: 32767 * time.Second, Count: 127,
		Line: 16, Buffer: 1, Clients: 1,
	}
	assert.NoError(t, extreme.check())
	assert.NoError(t, DefaultLimits.check())
}

func TestGivesBackWithin(t *testing.T) {
	t.Parallel()
	limits := Limits{Request: 2 * time.Second, Answer: 3 * time.Second, Idle: 1 * time.Second, Interval: 2 * time.Second, Count: 3}
	assert.Equal(t, 9*time.Second, limits.GivesBackWithin(), "(1 + 3*2 + 1) s and an eighth of these 8 s")
	limits.Answer = 8 * time.Second
	assert.Equal(t, 10*time.Second, limits.GivesBackWithin(), "the limits of a request and an answer: 2 s + 8 s")
}

func TestListenSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	taken, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = Listen(t.Context(), taken.Addr().String())
	assert.ErrorContains(t, err, "robust: listen tcp")
}
