package wire

import (
	"socketlabs/harness/story"
)

// Connection reads the segments of one connection, in the order in which they were sent.
type Connection struct {
	Number int // of the experiment's connections
	Ends       // from the client to the server

	client, server side
}

// side is what one end has sent so far.
type side struct {
	spoken bool
	first  uint32 // the sequence number of its SYN
	next   uint32 // the sequence number of what it has not sent yet
	ack    uint32 // what it acknowledged last
	window int    // what it said last that it has room for, as it is on the wire; or unknown
	shift  int    // from its SYN, or unknown
	probed bool   // it has sent a probe that was not answered yet
}

// unknown is the shift of windows before the SYN has told it, and the window until it can be compared:
// the one on a SYN is not scaled, and the later ones may be.
const unknown = -1

var unseen = side{shift: unknown, window: unknown}

// NewConnection begins with the first segment that was seen of a connection: the client's SYN, if
// the capture was there in time.
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

// Read takes the next segment. If it came to a host that has vanished, it is unheard.
func (c *Connection) Read(h Header, unheard bool) story.Segment {
	from, to := c.sides(h)
	from.learnBase(h, to)
	meaning := from.meaning(h, to)
	from.update(h, meaning, unheard)
	if meaning != story.KeepaliveProbe && meaning != story.WindowProbe {
		to.probed = false // it has an answer, or is past caring
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

// learnBase sets what the numbers of both sides are counted from. A side whose SYN was not seen is
// taken to have sent nothing before this.
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

// scaled is the window in bytes. It is scaled once both sides have said on their SYN that they do
// so, but never on a SYN: RFC 7323, section 2.2.
func (from *side) scaled(h Header, to *side) int {
	if h.SYN || from.shift == unknown || to.shift == unknown {
		return h.Window
	}
	return h.Window << from.shift
}

// end is the sequence number behind a segment: SYN and FIN count as one byte each.
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

// before compares sequence numbers, which go round: RFC 9293, section 3.4.
func before(a, b uint32) bool { return int32(a-b) < 0 }

// flags as tcpdump writes them.
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
