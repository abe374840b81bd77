package exercise_test

import (
	"math/rand/v2"
	"slices"
	"syscall"

	"socketlabs/lab04_compare/exercise"
)

// failure is a call that has ended with an error, or without.
type failure struct {
	sentence string // of the task
	during   exercise.Call
	bare     described // without what net puts around it
	isNil    bool
	want     exercise.Step
	because  string
	read     string
}

// rule is what a sentence of the task says of some errors.
type rule struct {
	sentence string
	during   []exercise.Call
	bare     []described
	want     exercise.Step
	because  string
	read     string
}

const (
	slowFromDead = "lab01_timeout/TestErrorsTellSlowFromDead"
	dialTimeout  = "lab01_timeout/TestDialTimeoutGivesUp"
	noVerdict    = "lab01_timeout/TestTimeoutIsNoVerdictOnPeer"
	toldOnce     = "lab03_keepalive/TestDeathIsToldOnce"
)

var (
	connecting = []exercise.Call{exercise.Connect}
	talking    = []exercise.Call{exercise.Send, exercise.Receive}
	anyCall    = slices.Concat(connecting, talking)
)

// rules are the sentences of NextStep about errors, in their order.
var rules = []rule{
	{"own-end", anyCall, known("context.Canceled", "a dial that is canceled", "net.ErrClosed"),
		exercise.Stop, "the client has ended it itself", slowFromDead},
	{"connect-timeout", connecting, timeouts,
		exercise.ConnectLater, "nothing was sent, and the bank may be there in a while", dialTimeout},
	{"no-connection", connecting, slices.Concat(losses, numbers(syscall.ETIMEDOUT)),
		exercise.ConnectLater, "nothing was sent, and the bank may be there in a while", slowFromDead},
	{"own-timeout", talking, timeouts,
		exercise.CallAgain, "only our patience is at an end; the connection is whole", noVerdict},
	{"lost-connection", talking, slices.Concat(losses, numbers(syscall.EPIPE)),
		exercise.AskFirst, "the connection is over, and nobody knows what became of the order", slowFromDead},
	{"kernel-timeout", talking, numbers(syscall.ETIMEDOUT),
		exercise.AskFirst, "the kernel has given the bank up, and nobody knows what became of the order", toldOnce},
	{"our-fault", anyCall, slices.Concat(
		numbers(syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EMFILE, syscall.ENFILE, syscall.EACCES, syscall.EPERM),
		[]described{{Layer: unheardOf, Text: "the payee's name is too long"}}),
		exercise.Report, "no bank and no network has a part in it", ""},
	{"text", anyCall, []described{
		{Layer: unheardOf, Text: "i/o timeout"}, {Layer: unheardOf, Text: "EOF"}, {Layer: unheardOf, Text: "connection refused"},
		{Layer: unheardOf, Text: "read: connection reset by peer"}, {Layer: unheardOf, Text: "use of closed network connection"},
	}, exercise.Report, "an error that nobody has heard of may have any text", slowFromDead},
}

var (
	timeouts = known("os.ErrDeadlineExceeded", "context.DeadlineExceeded", "a dial that is too late")
	losses   = slices.Concat(known("io.EOF", "io.ErrUnexpectedEOF"),
		numbers(syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH))
)

func known(names ...string) (bare []described) {
	for _, name := range names {
		bare = append(bare, described{Layer: end, Text: name})
	}
	return bare
}

func numbers(errnos ...syscall.Errno) (bare []described) {
	for _, n := range errnos {
		bare = append(bare, described{Layer: errno, Errno: n})
	}
	return bare
}

// failures are all of them, in the order of their sentences, and in random order within each.
func failures() (all []failure) {
	for _, during := range anyCall {
		all = append(all, failure{sentence: "success", during: during, isNil: true, want: exercise.GoOn, because: "the call has succeeded"})
	}
	for _, r := range rules {
		first := len(all)
		for _, during := range r.during {
			for _, bare := range r.bare {
				all = append(all, failure{r.sentence, during, bare, false, r.want, r.because, r.read})
			}
		}
		inSentence := all[first:]
		rand.Shuffle(len(inSentence), func(i, j int) { inSentence[i], inSentence[j] = inSentence[j], inSentence[i] })
	}
	return all
}

// byNet is the error as net returns it. An end of the stream is returned bare.
func (f failure) byNet() described {
	op := map[exercise.Call]string{exercise.Connect: "dial", exercise.Send: "write", exercise.Receive: "read"}[f.during]
	call := map[exercise.Call]string{exercise.Connect: "connect", exercise.Send: "write", exercise.Receive: "read"}[f.during]
	inside := f.bare
	switch {
	case f.isNil, inside.Text == "io.EOF" || inside.Text == "io.ErrUnexpectedEOF" || inside.Layer == unheardOf:
		return inside
	case inside.Layer == errno:
		inside = described{Layer: syscallError, Text: call, Inside: []described{inside}}
	}
	return described{Layer: opError, Text: op, Inside: []described{inside}}
}

// wrappings put others around an error, which leave its meaning as it is.
func wrappings(d described, text string) (all []described) {
	other := described{Layer: unheardOf, Text: text}
	around := func(layer layer, inside ...described) described {
		return described{Layer: layer, Text: text, Inside: inside}
	}
	return []described{
		around(wrapped, d),
		around(holder, d),
		around(joined, d, other),
		around(joined, other, d),
		around(holderOfAll, other, other, d),
		around(wrapped, around(joined, other, around(holder, around(joined, around(wrapped, d), other)))),
	}
}
