package link

import (
	"fmt"
	"net"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// Box stands between the ends of a connection, as a firewall or a NAT router does, and lets segments pass as long as
// it remembers the connection.
type Box struct {
	x              *harness.Experiment
	client, server *net.TCPConn
	memory         time.Duration
	strangers      Strangers
	forgot         chan struct{} // closed when it has
}

// Strangers is what a box does with segments of connections that it does not know.
type Strangers string

const (
	DropStrangers  Strangers = "drops"
	ResetStrangers Strangers = "resets" // it answers in the name of the other end
)

// ForgetfulBox puts a box between both ends of a connection. It forgets the connection when memory has passed since the
// last segment. It is for experiments that need VanishingPeers and wire.Capture.
func ForgetfulBox(x *harness.Experiment, client, server *net.TCPConn, memory time.Duration, strangers Strangers) *Box {
	x.T().Helper()
	wire.Segments(x, client) // ends the test if nobody looks at the wire
	b := &Box{x: x, client: client, server: server, memory: memory, strangers: strangers, forgot: make(chan struct{})}
	b.tell("a box forgets a connection after %s of silence; what it does not know, it %s", story.Duration(memory), strangers)
	x.Go(func() {
		if err := b.stand(); err != nil && !x.IsOver() {
			x.T().Errorf("the box in the way has failed: %v", err)
		}
	})
	return b
}

func (b *Box) tell(format string, args ...any) {
	b.x.Note(story.Event{Lane: story.Middle, Kind: story.Outcome, Text: fmt.Sprintf(format, args...)})
}

// AwaitForgotten waits until the box has forgotten the connection.
func (b *Box) AwaitForgotten() {
	b.x.T().Helper()
	select {
	case <-b.forgot:
	case <-b.x.Over():
		b.x.T().Fatal("the box in the way never forgot the connection")
	}
}

// AssertRemembers fails the test if the box has forgotten the connection.
func (b *Box) AssertRemembers() bool {
	b.x.T().Helper()
	select {
	case <-b.forgot:
		b.x.T().Error("the box in the way should remember the connection, and has forgotten it")
		return false
	default:
		b.tell("still knows the connection")
		return true
	}
}

// stand sees what passes until the connection is forgotten, and what comes then.
func (b *Box) stand() error {
	seen := 0
	for last := time.Now(); ; seen++ {
		s, came := wire.Next(b.x, b.client, seen, time.After(time.Until(last.Add(b.memory))))
		if !came {
			break
		}
		last = b.x.Began().Add(s.At)
	}
	if b.x.IsOver() {
		return nil
	}
	// Neither end hears the other any more, but each hears the box.
	for _, end := range []*net.TCPConn{b.client, b.server} {
		wire.Deafen(b.x, end)
		if err := setMinTTL(end, deaf); err != nil {
			return err
		}
	}
	b.tell("has seen nothing for %s, and forgets the connection", story.Duration(b.memory))
	b.x.Struck(story.ForgottenByBox)
	close(b.forgot)
	for ; ; seen++ {
		s, came := wire.Next(b.x, b.client, seen, nil)
		if !came {
			return nil
		}
		if s.Meaning == wire.RST { // of the box itself, or of an end that gives up
			continue
		}
		b.tell("%s what it does not know: %s from the %s", b.strangers, s.Meaning, s.From)
		if b.strangers == ResetStrangers {
			if err := b.reset(s); err != nil {
				return err
			}
		}
	}
}

// reset answers a segment as its receiver would, if that did not know the connection: RFC 9293, section 3.5.2.
func (b *Box) reset(s wire.Segment) error {
	answer := s
	answer.From, answer.Seq, answer.Ack = story.Server, s.Ack, 0
	if s.From == story.Server {
		answer.From = story.Client
	}
	segment, err := forged(b.x, answer, rst, "")
	if err != nil {
		return err
	}
	return send(answer, segment, wire.FromBox)
}
