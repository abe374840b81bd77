package wire

import "socketlabs/harness/story"

// meaning concludes what a segment is for from what both sides have sent before.
//
// Linux sends keepalive probes and window probes that look alike: no data, and a sequence number one
// below the next (tcp_xmit_probe_skb). We tell them apart by the receiver's window: while it is closed
// and the sender has data, the keepalive timer sends no probes (tcp_keepalive_timer). But the segments
// don't show whether the sender has data. If it has none, we call a keepalive probe to a closed window a
// window probe.
func (from *side) meaning(h Header, to *side) story.Meaning {
	opens := from.window == 0 && h.Window > 0 // a receiver announces this without being probed
	switch {
	case h.RST:
		return story.RST
	case h.end() != h.Seq && before(h.Seq, from.next):
		return story.Retransmission
	case h.SYN && h.ACK:
		return story.SYNACK
	case h.SYN:
		return story.SYN
	case h.FIN:
		return story.FIN
	case h.Length > 0:
		return story.Data
	case h.Seq == from.next-1 && to.window == 0:
		return story.WindowProbe
	case h.Seq == from.next-1:
		return story.KeepaliveProbe
	case to.probed && h.Seq == from.next && h.Ack == to.next && !opens:
		return story.ProbeAnswer
	case h.Window == 0:
		return story.ZeroWindow
	case h.Ack == from.ack && h.Window != from.window && from.window != unknown && h.Seq == from.next:
		return story.WindowUpdate
	}
	return story.ACK
}
