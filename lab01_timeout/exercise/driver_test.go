package exercise_test

import (
	"crypto/sha256"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/lab01_timeout/exercise"
)

// What the graders call of the student's code, in the student's process.

// patience makes a PatientConn around a connection.
type patience struct {
	Inside  grading.Conn
	Timeout time.Duration
}

var newPatientConn = grading.Export("PatientConn", func(p patience) grading.Conn {
	return grading.KeepConn(&exercise.PatientConn{Conn: p.Inside.Get(), Timeout: p.Timeout})
})

// setTimeout sets the field of a PatientConn.
type setTimeout struct {
	Of grading.Conn
	To time.Duration
}

var setTimeoutOf = grading.Export("Timeout", func(s setTimeout) struct{} {
	s.Of.Get().(*exercise.PatientConn).Timeout = s.To
	return struct{}{}
})

// questionOf makes a question, which takes time, before the clock runs.
var questionOf = grading.Export("Question", func(d grading.Data) grading.Handle[[]byte] { return grading.Keep(d.Bytes()) })

// asked is what AskWithin is called with, and answer what it returns.
type asked struct {
	Address string
	Text    grading.Handle[[]byte]
	Budget  time.Duration
}

type answer struct {
	Reply []byte // its beginning
	Size  int
	Sum   [sha256.Size]byte // of all of it
	Err   *grading.WireError
}

// mostReply is how much of a reply crosses over: more would take time.
const mostReply = 64 << 10

var askWithin = grading.Export("AskWithin", func(q asked) answer {
	defer q.Text.Drop()
	reply, err := exercise.AskWithin(q.Address, q.Text.Get(), q.Budget)
	return answer{reply[:min(len(reply), mostReply)], len(reply), sha256.Sum256(reply), grading.ToWire(err)}
})

// shipment is what SendAll is called with, and receipt what it returns.
type shipment struct {
	Conn     grading.Conn
	Data     grading.Data
	Patience time.Duration
	GoOn     grading.Callback[int, bool]
}

type receipt struct {
	Sent int
	Err  *grading.WireError
}

var sendAll = grading.Export("SendAll", func(s shipment) receipt {
	sent, err := exercise.SendAll(s.Conn.Get(), s.Data.Bytes(), s.Patience, s.GoOn.Call)
	return receipt{sent, grading.ToWire(err)}
})
