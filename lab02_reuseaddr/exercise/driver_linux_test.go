package exercise_test

import (
	"bytes"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/lab02_reuseaddr/exercise"
)

// What the graders call of the student's code, in the student's process.

// place is where a call is to listen or to look, and what the kernel refuses it.
type place struct {
	Address netip.AddrPort
	Refused []refuse.Call
}

// holding is what WhoHolds returns.
type holding struct {
	Holder  exercise.Holder
	Err     *grading.WireError
	Touched bool   // a socket of TCP was opened
	Unable  string // why nothing can be refused here
}

var whoHolds = grading.Export("WhoHolds", func(p place) (h holding) {
	if err := refuse.OnThisThread(p.Refused...); err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(p.Address)
	return holding{Holder: holder, Err: grading.ToWire(err)}
})

var whoHoldsWatched = grading.Export("WhoHolds, watched", func(address netip.AddrPort) holding {
	touched, err := refuse.Notice(refuse.Socket(unix.AF_INET, 0), refuse.Socket(unix.AF_INET6, 0))
	if err != nil {
		return holding{Unable: err.Error()}
	}
	holder, err := exercise.WhoHolds(address)
	return holding{Holder: holder, Err: grading.ToWire(err), Touched: touched()}
})

// last is the end of a conversation.
type last struct {
	Conn     grading.Conn
	Answer   grading.Data
	Patience time.Duration
}

var endConversation = grading.Export("EndConversation", func(l last) *grading.WireError {
	conn := l.Conn.Get().(*net.TCPConn)
	return grading.ToWire(exercise.EndConversation(conn, answerOf(l.Answer), l.Patience))
})

// answerOf is the data, and a line feed at its end.
func answerOf(d grading.Data) []byte {
	return append(bytes.ReplaceAll(d.Bytes(), []byte("\n"), []byte("?")), '\n')
}
