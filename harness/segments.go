package harness

import (
	"fmt"
	"net"

	"socketlabs/harness/skip"
	"socketlabs/harness/timeline"
)

// Segment is a TCP segment as the capture has seen it.
type Segment = timeline.Segment

// What segments mean, in the words of the timeline.
const (
	SYN            = timeline.SYN
	SYNACK         = timeline.SYNACK
	Data           = timeline.Data
	ACK            = timeline.ACK
	FIN            = timeline.FIN
	RST            = timeline.RST
	KeepaliveProbe = timeline.KeepaliveProbe
	WindowProbe    = timeline.WindowProbe
	ProbeAnswer    = timeline.ProbeAnswer
	Retransmission = timeline.Retransmission
	ZeroWindow     = timeline.ZeroWindow
	WindowUpdate   = timeline.WindowUpdate
)

// Segments are the segments of a connection that were sent until now, in their order.
func (x *Experiment) Segments(conn net.Conn) []Segment {
	x.t.Helper()
	if x.wire == nil {
		x.t.Fatal("an experiment that asks for segments should need harness.Wire")
	}
	x.claimDescriptors()
	lost, err := x.drainWire()
	if err != nil {
		x.t.Fatalf("the capture of the loopback has ended: %v", err)
	}
	if lost > 0 {
		skipped.Add(1)
		skip.Needs(x.t, Wire.name, fmt.Sprintf("the capture has lost %d segments for want of time; run this experiment alone", lost))
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	local, remote := endOf(conn.LocalAddr()).String(), endOf(conn.RemoteAddr()).String()
	var of []Segment
	for _, s := range x.wire.read {
		if s.Client == local && s.Server == remote || s.Client == remote && s.Server == local {
			of = append(of, s)
		}
	}
	return of
}

// AwaitSegments waits until n segments of a connection mean what is asked for, and returns those.
func (x *Experiment) AwaitSegments(conn net.Conn, n int, meaning timeline.Meaning) []Segment {
	x.t.Helper()
	for {
		grown := x.wireGrows()
		found := Meaning(x.Segments(conn), meaning)
		if len(found) >= n {
			return found
		}
		select {
		case <-grown:
		case <-x.over:
			x.t.Fatalf("of %d segments (%s) the wire has seen %d", n, meaning, len(found))
		}
	}
}

// wireGrows is closed when the experiment has a segment more than now.
func (x *Experiment) wireGrows() <-chan struct{} {
	if x.wire == nil {
		return nil
	}
	x.wire.mu.Lock()
	defer x.wire.mu.Unlock()
	return x.wire.grown
}

// Meaning picks the segments that mean what is asked for.
func Meaning(of []Segment, meaning timeline.Meaning) (found []Segment) {
	for _, s := range of {
		if s.Meaning == meaning {
			found = append(found, s)
		}
	}
	return found
}
