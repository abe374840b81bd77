// Package story holds what happened in one experiment: when, on whose side, of what kind, and in words.
//
// It is the truth of a run. An experiment writes its events while they happen ([Event.Encode]), and keeps them
// all as a file ([Record]); the lines that people read ([Printer]) are made from them. The package knows nothing
// of tests, so that a command can read what a test has written.
package story

import (
	"strings"
	"time"
)

// Lane is the side on which an event happened.
type Lane string

// The lanes, from left to right as a picture draws them.
const (
	Story  Lane = "story" // what the experiment does and finds
	Client Lane = "client"
	Middle Lane = "middle" // what stands between both sides and does something: a middlebox, a proxy
	Server Lane = "server"
	Wire   Lane = "wire" // what the network carried, in either direction
)

// Kind is what an event is. It says which of the event's parts there are.
type Kind string

const (
	Step     Kind = "step"     // the experiment is about to do something
	Began    Kind = "began"    // a call begins to wait: Call
	Returned Kind = "returned" // a call that began has returned: Call, Error
	Waiting  Kind = "waiting"  // a call that began was seen to wait still: Call
	Outcome  Kind = "outcome"  // the result of a call: Error
	Took     Kind = "took"     // a time was compared: Span
	Table    Kind = "table"    // the kernel's table was looked into: Sockets
	Check    Kind = "check"    // something else was asked of the kernel
	Struck   Kind = "struck"   // something was made to fail: Failure. Without a text: steps and outcomes tell people
	Sent     Kind = "segment"  // a segment was on the wire: Segment
)

// Event is one thing that happened.
type Event struct {
	At   time.Duration `json:"at_ns"` // since the experiment began, on the monotonic clock
	Lane Lane          `json:"lane"`
	Kind Kind          `json:"kind"`
	Text string        `json:"text"` // for people; empty for what only programs need

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

// Span is how long something took, and how long it has to take at least.
type Span struct {
	Took  time.Duration `json:"took_ns"`
	Least time.Duration `json:"least_ns"`
}

// Sockets are the entries of the kernel's table for an address, each in words.
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

// NoError is how success is told.
const NoError = "no error"

// ErrorText is an error in words, or NoError if there is none.
func ErrorText(err error) string {
	if err == nil {
		return NoError
	}
	return err.Error()
}
