package harness

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"socketlabs/harness/wire"
)

// capture hands what goes over the loopback to the experiments, to each its own. There is one in a
// process; it begins when the first experiment wants it, and ends with the process.
type capture struct {
	tap *tap

	mu sync.Mutex
	// Who owns what. The address of a listener on every address is not valid, and only its port counts.
	pairs     map[wire.Ends]*Experiment
	listeners map[netip.AddrPort]*Experiment
	locals    map[netip.AddrPort]*Experiment // one end of each of pairs
	// unclaimed are the last frames that are nobody's yet: a socket is claimed after it was opened.
	unclaimed []wire.Frame
}

// mostUnclaimed is how many frames wait for somebody to claim them. Where the loopback is not
// private, those of other programs are among them.
const mostUnclaimed = 4096

// theCapture begins to capture when it is first called.
var theCapture = sync.OnceValues(func() (*capture, error) {
	c := &capture{
		pairs:     map[wire.Ends]*Experiment{},
		listeners: map[netip.AddrPort]*Experiment{},
		locals:    map[netip.AddrPort]*Experiment{},
	}
	var err error
	c.tap, err = openTap(c.take)
	return c, err
})

// take gives a frame to its experiment.
func (c *capture) take(f wire.Frame) {
	c.mu.Lock()
	x := c.owner(f.Ends)
	if x == nil && f.SYN && c.locals[f.To] != nil { // somebody connects where nobody listens
		x = c.locals[f.To]
		c.pairs[f.Ends] = x
	}
	if x == nil {
		c.unclaimed = append(c.unclaimed, f)
		if len(c.unclaimed) > 2*mostUnclaimed { // the older half goes, now and then
			c.unclaimed = slices.Clone(c.unclaimed[mostUnclaimed:])
		}
		c.mu.Unlock()
		return
	}
	x.addSegment(f)
	c.mu.Unlock()
	x.tell(f.At, false)
}

// owner finds the experiment that a segment belongs to, by both its ends or by the listener.
func (c *capture) owner(ends wire.Ends) *Experiment {
	for _, e := range []wire.Ends{ends, ends.Reversed()} {
		if x := c.pairs[e]; x != nil {
			return x
		}
	}
	for _, end := range []netip.AddrPort{ends.To, ends.From} {
		if x := c.listeners[end]; x != nil {
			return x
		}
		if x := c.listeners[netip.AddrPortFrom(netip.Addr{}, end.Port())]; x != nil {
			return x
		}
	}
	return nil
}

// claim makes what has the local address, and the remote one if there is one, the experiment's, also
// what has been captured of it before.
func (c *capture) claim(x *Experiment, local, remote netip.AddrPort) {
	if !local.IsValid() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if local.Addr().IsUnspecified() {
		local = netip.AddrPortFrom(netip.Addr{}, local.Port())
	}
	if remote.IsValid() {
		c.pairs[wire.Ends{From: local, To: remote}] = x
		c.locals[local] = x
	} else {
		c.listeners[local] = x
	}
	c.unclaimed = slices.DeleteFunc(c.unclaimed, func(f wire.Frame) bool {
		concerned := f.From.Port() == local.Port() || f.To.Port() == local.Port()
		if !concerned || f.At.Before(x.log.Began()) || c.owner(f.Ends) != x {
			return false
		}
		x.addSegment(f)
		return true
	})
}

// release ends what the experiment has claimed.
func (c *capture) release(x *Experiment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ends, owner := range c.pairs {
		if owner == x {
			delete(c.pairs, ends)
		}
	}
	for _, owned := range []map[netip.AddrPort]*Experiment{c.listeners, c.locals} {
		for local, owner := range owned {
			if owner == x {
				delete(owned, local)
			}
		}
	}
}

// captureMissing says why nothing can be captured here.
func captureMissing() string {
	if linuxMissing != "" {
		return linuxMissing
	}
	if _, err := theCapture(); err != nil {
		return fmt.Sprintf("%v; leave LABS_SANDBOX on, where namespaces are to be had, or give the tests CAP_NET_RAW", err)
	}
	return ""
}
