package story

import (
	"fmt"
	"strings"
	"time"
)

// Meaning is what a segment is for, in words.
type Meaning string

// What segments mean. A segment does not carry its sender's intention: the meaning is concluded from
// the segments before it.
const (
	SYN            Meaning = "SYN"
	SYNACK         Meaning = "SYN-ACK"
	Data           Meaning = "data"
	ACK            Meaning = "ACK"
	FIN            Meaning = "FIN"
	RST            Meaning = "RST"
	KeepaliveProbe Meaning = "keepalive probe"
	WindowProbe    Meaning = "window probe"
	ProbeAnswer    Meaning = "answer to a probe"
	Retransmission Meaning = "retransmission"
	ZeroWindow     Meaning = "zero window"
	WindowUpdate   Meaning = "window update"
)

// Segment is a TCP segment that was seen on the loopback.
type Segment struct {
	At time.Duration `json:"-"` // when it was sent; in a file, the event has this time

	Connection int     `json:"connection"` // the number of the connection in this experiment, from 1
	Client     string  `json:"client"`     // the address that the first SYN came from
	Server     string  `json:"server"`     // the address that the first SYN went to
	From       Lane    `json:"from"`       // Client or Server
	Flags      string  `json:"flags"`      // as tcpdump writes them: S, F, R, P and "." for ACK
	Seq        uint32  `json:"seq"`        // counted from the sender's SYN, which is 0
	Ack        uint32  `json:"ack"`        // counted from the receiver's SYN
	Length     int     `json:"length"`     // bytes of data
	Window     int     `json:"window"`     // bytes: the window that the sender advertises
	Meaning    Meaning `json:"meaning"`
	Unheard    bool    `json:"unheard,omitempty"` // it was sent to a host that had vanished
}

// Has reports whether the segment has a flag, as S, F, R, P or ".".
func (s Segment) Has(flag string) bool { return strings.Contains(s.Flags, flag) }

// String prints the segment as columns: who to whom, what it means, and its numbers.
func (s Segment) String() string {
	return fmt.Sprintf("%s  %-17s  %s", s.direction(), s.Meaning, s.Numbers())
}

func (s Segment) direction() string {
	if s.From == Client {
		return "client → server"
	}
	return "server → client"
}

// Numbers says what a segment carries, and whether it was heard. It leaves out what is usual, such as an open window.
func (s Segment) Numbers() string {
	text := s.numbers()
	if s.Unheard {
		text += "; not heard"
	}
	return text
}

func (s Segment) numbers() string {
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch s.Meaning {
	case SYN:
		return fmt.Sprintf("port %s → port %s", port(s.Client), port(s.Server))
	case KeepaliveProbe, WindowProbe:
		say("seq %d (one back)", s.Seq)
	default:
		say("seq %d", s.Seq)
		if s.Has(".") {
			say("ack %d", s.Ack)
		}
	}
	switch {
	case s.Length > 0:
		say("%s", Count(s.Length, "byte"))
	case s.Has("S") && s.Meaning == Retransmission:
		say("SYN")
	case s.Has("F") && s.Meaning == Retransmission:
		say("FIN")
	case s.Meaning == KeepaliveProbe, s.Meaning == WindowProbe, s.Meaning == ProbeAnswer:
		say("no data")
	}
	if s.Meaning == WindowUpdate || s.Window == 0 && !s.Has("R") {
		say("window %d", s.Window)
	}
	return strings.Join(parts, ", ")
}

func port(address string) string { return address[strings.LastIndex(address, ":")+1:] }
