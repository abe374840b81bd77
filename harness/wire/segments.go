package wire

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// Segment is a TCP segment as the capture has seen it.
type Segment = story.Segment

// What segments mean, in the words of the story.
const (
	SYN            = story.SYN
	SYNACK         = story.SYNACK
	Data           = story.Data
	ACK            = story.ACK
	FIN            = story.FIN
	RST            = story.RST
	KeepaliveProbe = story.KeepaliveProbe
	WindowProbe    = story.WindowProbe
	ProbeAnswer    = story.ProbeAnswer
	Retransmission = story.Retransmission
	ZeroWindow     = story.ZeroWindow
	WindowUpdate   = story.WindowUpdate
)

// Segments returns the segments of a connection that were sent until now, in order.
func Segments(x *harness.Experiment, conn net.Conn) []Segment {
	x.T().Helper()
	return ofConn(conn, All(x))
}

// All returns the segments of all connections of the experiment that were sent until now, in order.
func All(x *harness.Experiment) []Segment {
	x.T().Helper()
	w := of(x)
	if w == nil {
		x.T().Fatal("an experiment that asks for segments should need wire.Capture")
	}
	w.claimDescriptors()
	lost, err := w.drain()
	if err != nil {
		x.T().Fatalf("the capture of the loopback has ended: %v", err)
	}
	if lost > 0 {
		x.Skip(Capture, fmt.Sprintf("the capture has lost %s; run this experiment alone", story.Count(int(lost), "segment")))
	}
	return w.all()
}

// all returns the segments that were read until now.
func (w *witness) all() []Segment {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.read)
}

// ofConn returns the segments of one connection.
func ofConn(conn net.Conn, all []Segment) []Segment {
	local, remote := endOf(conn.LocalAddr()).String(), endOf(conn.RemoteAddr()).String()
	return slices.DeleteFunc(all, func(s Segment) bool {
		return !(s.Client == local && s.Server == remote || s.Client == remote && s.Server == local)
	})
}

// AwaitSegment waits for the first segment for which wanted returns true, on any connection of the experiment. It also
// works while a dial is still connecting, and there is no net.Conn yet.
func AwaitSegment(x *harness.Experiment, wanted func(Segment) bool) Segment {
	x.T().Helper()
	for {
		grown := grows(x)
		all := All(x)
		if i := slices.IndexFunc(all, wanted); i >= 0 {
			return all[i]
		}
		select {
		case <-grown:
		case <-x.Over():
			x.T().Fatal("the segment that the test waits for was never captured")
		}
	}
}

// AwaitSegments waits until a connection has n segments with the given meaning, and returns these segments.
func AwaitSegments(x *harness.Experiment, conn net.Conn, n int, meaning story.Meaning) []Segment {
	x.T().Helper()
	for {
		grown := grows(x)
		found := OfMeaning(Segments(x, conn), meaning)
		if len(found) >= n {
			return found
		}
		select {
		case <-grown:
		case <-x.Over():
			x.T().Fatalf("the test waits for %d segments (%s); %d were captured", n, meaning, len(found))
		}
	}
}

// Next waits until a connection has more than n segments, and returns segment n, counted from 0. It returns false if
// that segment was not sent before late fires, or before the experiment is over.
func Next(x *harness.Experiment, conn net.Conn, n int, late <-chan time.Time) (next Segment, came bool) {
	w := of(x)
	for isLate := false; ; {
		grown := grows(x)
		if found := ofConn(conn, w.all()); len(found) > n {
			return found[n], true
		}
		if isLate {
			return Segment{}, false
		}
		select {
		case <-grown:
		case <-late:
			isLate = true
			w.drain() // what was sent in time may not have been read
		case <-x.Over():
			return Segment{}, false
		}
	}
}

// grows returns a channel that is closed when the experiment gets its next segment.
func grows(x *harness.Experiment) <-chan struct{} {
	w := of(x)
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.grown
}

// OfMeaning picks the segments with the given meaning.
func OfMeaning(of []Segment, meaning story.Meaning) (found []Segment) {
	for _, s := range of {
		if s.Meaning == meaning {
			found = append(found, s)
		}
	}
	return found
}

// FrameOf returns the frame of the experiment's first segment for which wanted returns true, as it was on the wire.
func FrameOf(x *harness.Experiment, wanted func(Segment) bool) (Frame, error) {
	w := of(x)
	if w == nil {
		return Frame{}, errors.New("the experiment captures nothing: it should need wire.Capture")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.read, wanted)
	if i < 0 {
		return Frame{}, errors.New("the capture does not have this segment")
	}
	return w.frames[i], nil
}
