// Package story holds the events of one experiment: what happened, when, and on whose side.
//
// These events are the only record of a run; everything else is made from them. An experiment writes each event
// when it happens ([Event.Encode]), and keeps all of them in a file ([Record]). A [Printer] makes the lines that
// people read. The package does not import testing, so that a command can read what a test has written.
package story

import (
	"strings"
	"time"
)

// Lane is the side on which an event happened.
type Lane string

// The lanes, in the order in which a picture draws them, from left to right.
const (
	Story  Lane = "story" // what the experiment does and finds
	Client Lane = "client"
	Middle Lane = "middle" // a middlebox or a proxy, between the two sides
	Server Lane = "server"
	Wire   Lane = "wire" // what the network carried, in either direction
)

// Kind is the kind of an event. It decides which fields of the event are set.
type Kind string

const (
	Step     Kind = "step"     // the experiment is about to do something
	Began    Kind = "began"    // a call begins to wait: Call
	Returned Kind = "returned" // a call that began has returned: Call, Error
	Waiting  Kind = "waiting"  // a call that began is still waiting: Call
	Outcome  Kind = "outcome"  // the result of a call: Error
	Took     Kind = "took"     // a duration was compared with its bound: Span
	Table    Kind = "table"    // the kernel's socket table was read: Sockets
	Check    Kind = "check"    // the kernel was asked something else
	Struck   Kind = "struck"   // something was made to fail: Failure. It has no text: steps and outcomes tell people
	Sent     Kind = "segment"  // a segment was on the wire: Segment
)

// Event is one thing that happened.
type Event struct {
	At   time.Duration `json:"at_ns"` // since the experiment began, on the monotonic clock
	Lane Lane          `json:"lane"`
	Kind Kind          `json:"kind"`
	Text string        `json:"text"` // for people; empty if only programs need the event

	Call    string   `json:"call,omitempty"`
	Error   string   `json:"error,omitempty"` // empty for success
	Span    *Span    `json:"span,omitempty"`
	Sockets *Sockets `json:"sockets,omitempty"`
	Failure Failure  `json:"failure,omitempty"`
	Segment *Segment `json:"segment,omitempty"`
}

// Failure is something that an experiment makes happen.
type Failure string

const (
	SilentPeer           Failure = "silent peer"
	SlowPeer             Failure = "slow peer"
	StalledReader        Failure = "stalled reader"
	UnansweredConnect    Failure = "unanswered connect"
	RefusedConnect       Failure = "refused connect"
	VanishedPeer         Failure = "vanished peer"
	Outage               Failure = "outage" // the vanished peer returns
	RebootedPeer         Failure = "rebooted peer"
	StraySegment         Failure = "stray segment"
	KilledProcess        Failure = "killed process"
	HungProcess          Failure = "hung process"
	ICMPError            Failure = "ICMP error"
	ForgottenByMiddlebox Failure = "forgetful middlebox"
)

// Span is how long something took, and how long it must take at least.
type Span struct {
	Took  time.Duration `json:"took_ns"`
	Least time.Duration `json:"least_ns"`
}

// Sockets holds the entries of the kernel's socket table for an address, each in words.
type Sockets struct {
	Address string   `json:"address"`
	Entries []string `json:"entries"`
}

// String lists the entries in one line.
func (s Sockets) String() string {
	if len(s.Entries) == 0 {
		return "nothing"
	}
	return strings.Join(s.Entries, "; ")
}

// NoError is the text for success.
const NoError = "no error"

// ErrorText returns the text of an error, or NoError if there is none.
func ErrorText(err error) string {
	if err == nil {
		return NoError
	}
	return err.Error()
}
