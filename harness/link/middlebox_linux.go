package link

import (
	"errors"
	"fmt"
	"net"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// Middlebox is between the ends of a connection, like a firewall, a NAT router or a load balancer. It forwards
// segments while it has an entry for their connection.
type Middlebox struct {
	x              *harness.Experiment
	client, server *net.TCPConn
	idleTimeout    time.Duration
	unknown        Unknown
	forgot         chan struct{} // closed when it has forgotten the connection
}

// Unknown is what a middlebox does with segments of connections that it does not know.
type Unknown string

const (
	DropUnknown  Unknown = "drops"
	ResetUnknown Unknown = "resets" // it answers with a reset, from the address of the other end
)

// ForgetfulMiddlebox puts a middlebox between the two ends of a connection. The middlebox forgets the connection when
// idleTimeout has passed since the last segment. It is for experiments that need VanishingPeers and wire.Capture.
func ForgetfulMiddlebox(x *harness.Experiment, client, server *net.TCPConn, idleTimeout time.Duration, unknown Unknown) *Middlebox {
	x.T().Helper()
	wire.Segments(x, client) // ends the test if nothing is captured
	m := &Middlebox{x: x, client: client, server: server, idleTimeout: idleTimeout, unknown: unknown, forgot: make(chan struct{})}
	m.tell("a middlebox forgets a connection after %s of silence; it %s segments of connections that it does not know",
		story.Duration(idleTimeout), unknown)
	x.Go(func() {
		if err := m.run(); err != nil && !x.IsOver() {
			x.T().Errorf("the middlebox has failed: %v", err)
		}
	})
	return m
}

func (m *Middlebox) tell(format string, args ...any) {
	m.x.Note(story.Event{Lane: story.Middle, Kind: story.Outcome, Text: fmt.Sprintf(format, args...)})
}

// AwaitForgotten waits until the middlebox has forgotten the connection.
func (m *Middlebox) AwaitForgotten() {
	m.x.T().Helper()
	select {
	case <-m.forgot:
	case <-m.x.Over():
		m.x.T().Fatal("the middlebox should forget the connection, and never did")
	}
}

// AssertRemembers fails the test if the middlebox has forgotten the connection.
func (m *Middlebox) AssertRemembers() bool {
	m.x.T().Helper()
	select {
	case <-m.forgot:
		m.x.T().Error("the middlebox should remember the connection, and has forgotten it")
		return false
	default:
		m.tell("still knows the connection")
		return true
	}
}

// run watches the segments until the middlebox forgets the connection. Then it answers or drops later segments.
func (m *Middlebox) run() error {
	seen := 0
	for last := time.Now(); ; seen++ {
		s, came := wire.Next(m.x, m.client, seen, time.After(time.Until(last.Add(m.idleTimeout))))
		if !came && !m.x.IsOver() {
			var err error
			if s, came, err = m.block(seen); err != nil {
				return err
			}
		}
		if !came {
			break
		}
		last = m.x.Began().Add(s.At)
	}
	if m.x.IsOver() {
		return nil
	}
	m.tell("has seen nothing for %s, and forgets the connection", story.Duration(m.idleTimeout))
	m.x.Struck(story.ForgottenByMiddlebox)
	close(m.forgot)
	for ; ; seen++ {
		s, came := wire.Next(m.x, m.client, seen, nil)
		if !came {
			return nil
		}
		if s.Meaning == wire.RST { // from the middlebox itself, or from an end that gives up
			continue
		}
		m.tell("%s a segment of a connection that it does not know: %s from the %s", m.unknown, s.Meaning, s.From)
		if m.unknown == ResetUnknown {
			if err := m.reset(s); err != nil {
				return err
			}
		}
	}
}

// block separates the two ends: neither hears the other any more, but each hears the middlebox. On a busy machine, another
// segment may have passed after those that the middlebox has seen. Then block joins the ends again, and returns that segment.
func (m *Middlebox) block(seen int) (passed wire.Segment, came bool, err error) {
	for _, end := range []*net.TCPConn{m.client, m.server} {
		wire.Deafen(m.x, end)
		err = errors.Join(err, setMinTTL(end, deaf))
	}
	if passed, came = wire.Next(m.x, m.client, seen, time.After(0)); came {
		for _, end := range []*net.TCPConn{m.client, m.server} {
			wire.Hear(m.x, end)
			err = errors.Join(err, setMinTTL(end, hearing))
		}
	}
	return passed, came, err
}

// reset answers a segment as a receiver that does not know the connection would: RFC 9293, section 3.5.2.
func (m *Middlebox) reset(s wire.Segment) error {
	answer := s
	answer.From, answer.Seq, answer.Ack = story.Server, s.Ack, 0
	if s.From == story.Server {
		answer.From = story.Client
	}
	segment, err := forged(m.x, answer, rst, "")
	if err != nil {
		return err
	}
	return send(answer, segment, wire.FromMiddlebox)
}
