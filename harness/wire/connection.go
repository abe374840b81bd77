package wire

import (
	"socketlabs/harness/story"
)

// Connection reads the segments of one connection, in the order in which they were sent.
type Connection struct {
	Number int // counts the experiment's connections
	Ends       // from the client to the server

	client, server side
}

// side is what one end has sent so far.
type side struct {
	spoken bool
	first  uint32 // the sequence number of its SYN
	next   uint32 // the sequence number of the next byte that it will send
	ack    uint32 // its last acknowledgment number
	window int    // the last window that it advertised, as it is on the wire; or unknown
	shift  int    // the window scale from its SYN, or unknown
	probed bool   // it has sent a probe that was not answered yet
}

// unknown is the shift before a SYN was seen. It also stands for a window that can't be compared with
// later ones: the window on a SYN is not scaled, and later ones may be.
const unknown = -1

var unseen = side{shift: unknown, window: unknown}

// NewConnection begins with the first segment of a connection that was captured: the client's SYN, if
// the capture began in time.
func NewConnection(number int, first Header) *Connection {
	ends := first.Ends
	if first.SYN && first.ACK {
		ends = ends.Reversed()
	}
	return &Connection{Number: number, Ends: ends, client: unseen, server: unseen}
}

// BeginsAnother reports whether a segment between the same ends is the SYN of the next connection.
func (c *Connection) BeginsAnother(h Header) bool {
	from, _ := c.sides(h)
	return h.SYN && !h.ACK && from.spoken && h.Seq != from.first
}

func (c *Connection) sides(h Header) (from, to *side) {
	if h.Ends == c.Ends {
		return &c.client, &c.server
	}
	return &c.server, &c.client
}

// Read takes the next segment. It is unheard if it was sent to a host that has vanished.
func (c *Connection) Read(h Header, unheard bool) story.Segment {
	from, to := c.sides(h)
	from.learnBase(h, to)
	meaning := from.meaning(h, to)
	from.update(h, meaning, unheard)
	if meaning != story.KeepaliveProbe && meaning != story.WindowProbe {
		to.probed = false // this segment answers the probe, or makes an answer needless
	}
	segment := story.Segment{
		Connection: c.Number,
		Client:     c.From.String(),
		Server:     c.To.String(),
		From:       story.Client,
		Flags:      flags(h),
		Seq:        h.Seq - from.first,
		Length:     h.Length,
		Window:     from.scaled(h, to),
		Meaning:    meaning,
		Unheard:    unheard,
	}
	if from == &c.server {
		segment.From = story.Server
	}
	if h.ACK {
		segment.Ack = h.Ack - to.first
	}
	return segment
}

// learnBase sets the sequence numbers from which those of both sides are counted. If a side's SYN was not
// captured, we take it that the side has sent nothing before this segment.
func (from *side) learnBase(h Header, to *side) {
	if !from.spoken {
		from.spoken = true
		from.first = h.Seq
		if !h.SYN {
			from.first--
		}
		from.next = h.Seq
	}
	if !to.spoken && h.ACK {
		to.spoken = true
		to.first = h.Ack - 1
		to.next = h.Ack
	}
}

func (from *side) update(h Header, meaning story.Meaning, unheard bool) {
	from.window = h.Window
	if h.SYN {
		from.shift = h.Shift
		from.window = unknown
	}
	if end := h.end(); before(from.next, end) {
		from.next = end
	}
	if h.ACK {
		from.ack = h.Ack
	}
	if meaning == story.KeepaliveProbe || meaning == story.WindowProbe {
		from.probed = !unheard
	}
}

// scaled returns the window in bytes. It is scaled if both SYNs had the window scale option, but never on a
// SYN itself: RFC 7323, section 2.2.
func (from *side) scaled(h Header, to *side) int {
	if h.SYN || from.shift == unknown || to.shift == unknown {
		return h.Window
	}
	return h.Window << from.shift
}

// end returns the sequence number after a segment: SYN and FIN count as one byte each.
func (h Header) end() uint32 {
	end := h.Seq + uint32(h.Length)
	if h.SYN {
		end++
	}
	if h.FIN {
		end++
	}
	return end
}

// before compares sequence numbers, which wrap around: RFC 9293, section 3.4.
func before(a, b uint32) bool { return int32(a-b) < 0 }

// flags writes the flags as tcpdump does.
func flags(h Header) (text string) {
	for _, flag := range []struct {
		set    bool
		letter string
	}{{h.SYN, "S"}, {h.FIN, "F"}, {h.RST, "R"}, {h.PSH, "P"}, {h.ACK, "."}} {
		if flag.set {
			text += flag.letter
		}
	}
	return text
}
