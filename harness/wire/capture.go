package wire

import (
	"net/netip"
	"slices"
	"sync"
)

// capture gives each frame on the loopback to the experiment that it belongs to. A process has one
// capture. It begins when the first experiment needs it, and ends with the process.
type capture struct {
	tap *tap

	mu sync.Mutex
	// Which experiment owns which address. For a listener on all addresses, the address is invalid, and only the port
	// counts.
	pairs     map[Ends]*witness
	listeners map[netip.AddrPort]*witness
	locals    map[netip.AddrPort]*witness // one end of each pair
	// unclaimed holds the latest frames that no experiment has claimed: a socket is claimed after it was opened.
	unclaimed []Frame
}

// mostUnclaimed is how many unclaimed frames are kept at least. If the loopback is not private, they include frames of
// other programs.
const mostUnclaimed = 4096

// theCapture begins to capture when it is first called.
var theCapture = sync.OnceValues(func() (*capture, error) {
	c := &capture{
		pairs:     map[Ends]*witness{},
		listeners: map[netip.AddrPort]*witness{},
		locals:    map[netip.AddrPort]*witness{},
	}
	var err error
	c.tap, err = openTap(c.take)
	return c, err
})

// take gives a frame to its experiment.
func (c *capture) take(f Frame) {
	c.mu.Lock()
	w := c.owner(f.Ends)
	if w == nil && f.SYN && !f.ACK && c.locals[f.To] != nil { // a SYN to an address of ours on which nobody listens
		w = c.locals[f.To]
		c.pairs[f.Ends] = w
	}
	if w == nil {
		c.unclaimed = append(c.unclaimed, f)
		if len(c.unclaimed) > 2*mostUnclaimed { // drop the older half
			c.unclaimed = slices.Clone(c.unclaimed[mostUnclaimed:])
		}
		c.mu.Unlock()
		return
	}
	w.addSegment(f)
	c.mu.Unlock()
	w.x.TellUntil(f.At)
}

// owner finds the experiment that a segment belongs to, by the segment's two ends or by the listener.
func (c *capture) owner(ends Ends) *witness {
	for _, e := range []Ends{ends, ends.Reversed()} {
		if w := c.pairs[e]; w != nil {
			return w
		}
	}
	for _, end := range []netip.AddrPort{ends.To, ends.From} {
		if w := c.listeners[end]; w != nil {
			return w
		}
		if w := c.listeners[netip.AddrPortFrom(netip.Addr{}, end.Port())]; w != nil {
			return w
		}
	}
	return nil
}

// claim gives the experiment the segments with the local address, and with the remote address if it is valid, including
// those captured before.
func (c *capture) claim(w *witness, local, remote netip.AddrPort) {
	if !local.IsValid() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if local.Addr().IsUnspecified() {
		local = netip.AddrPortFrom(netip.Addr{}, local.Port())
	}
	if remote.IsValid() {
		c.pairs[Ends{From: local, To: remote}] = w
		c.locals[local] = w
	} else {
		c.listeners[local] = w
	}
	c.unclaimed = slices.DeleteFunc(c.unclaimed, func(f Frame) bool {
		concerned := f.From.Port() == local.Port() || f.To.Port() == local.Port()
		if !concerned || f.At.Before(w.x.Began()) || c.owner(f.Ends) != w {
			return false
		}
		w.addSegment(f)
		return true
	})
}

// release gives up what the experiment has claimed.
func (c *capture) release(w *witness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ends, owner := range c.pairs {
		if owner == w {
			delete(c.pairs, ends)
		}
	}
	for _, owned := range []map[netip.AddrPort]*witness{c.listeners, c.locals} {
		for local, owner := range owned {
			if owner == w {
				delete(owned, local)
			}
		}
	}
}
