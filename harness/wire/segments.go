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

// Segments are the segments of a connection that were sent until now, in their order.
func Segments(x *harness.Experiment, conn net.Conn) []Segment {
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
		x.Skip(Capture, fmt.Sprintf("the capture has lost %s for want of time; run this experiment alone", story.Count(int(lost), "segment")))
	}
	return w.segmentsOf(Ends{From: endOf(conn.LocalAddr()), To: endOf(conn.RemoteAddr())})
}

func (w *witness) segmentsOf(ends Ends) (found []Segment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	local, remote := ends.From.String(), ends.To.String()
	for _, s := range w.read {
		if s.Client == local && s.Server == remote || s.Client == remote && s.Server == local {
			found = append(found, s)
		}
	}
	return found
}

// AwaitSegments waits until n segments of a connection mean what is asked for, and returns those.
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
			x.T().Fatalf("of %d segments (%s) the wire has seen %d", n, meaning, len(found))
		}
	}
}

// Next waits until a connection has more than n segments, and returns the one after those. It returns false if none
// was sent until it is late, or until the experiment is over.
func Next(x *harness.Experiment, conn net.Conn, n int, late <-chan time.Time) (next Segment, came bool) {
	w := of(x)
	ends := Ends{From: endOf(conn.LocalAddr()), To: endOf(conn.RemoteAddr())}
	for isLate := false; ; {
		grown := grows(x)
		if found := w.segmentsOf(ends); len(found) > n {
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

// grows is closed when the experiment has a segment more than now.
func grows(x *harness.Experiment) <-chan struct{} {
	w := of(x)
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.grown
}

// OfMeaning picks the segments that mean what is asked for.
func OfMeaning(of []Segment, meaning story.Meaning) (found []Segment) {
	for _, s := range of {
		if s.Meaning == meaning {
			found = append(found, s)
		}
	}
	return found
}

// FrameOf is a segment of the experiment's as it stood on the wire: the first that is wanted.
func FrameOf(x *harness.Experiment, wanted func(Segment) bool) (Frame, error) {
	w := of(x)
	if w == nil {
		return Frame{}, errors.New("nobody looks at the wire")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.read, wanted)
	if i < 0 {
		return Frame{}, errors.New("the wire has not seen this segment")
	}
	return w.frames[i], nil
}
