// Package advise finds settings that meet a goal, by the kernel's rule, says why others don't, and how they are written.
package advise

import (
	"fmt"
	"time"

	"socketlabs/lab04_compare/rule"
)

// Goal is what settings are to do.
type Goal struct {
	Within         time.Duration // a dead peer is found
	Idle, InFlight bool          // on an idle connection; with data in flight

	KeepSlowReaders bool          // a peer that does not read for a while is not dropped
	Box             time.Duration // a box in the way forgets a connection after so much silence; 0 if there is none
	Proxy           bool          // peers are behind a proxy
}

// need is what a failure, or what is none, has to come to.
type need struct {
	failure rule.Failure
	ends    bool   // within the goal's time
	spared  string // else it may not end: why
}

// needs are what the goal asks for. No answer may drop a peer that is healthy and has nothing to say.
func (g Goal) needs() (needs []need) {
	add := func(ends bool, spared string, names ...string) {
		for _, name := range names {
			f, _ := rule.FailureNamed(name)
			if f.Memory > 0 {
				f.Memory = g.Box
			}
			needs = append(needs, need{f, ends, spared})
		}
	}
	add(false, "it drops a healthy peer", "nothing, idle", "short outage, asked")
	if g.KeepSlowReaders {
		add(false, "it drops a peer that reads slowly", "peer stops reading")
	}
	if g.Box > 0 {
		add(false, "the box has forgotten the connection", "box forgets, idle")
	}
	if g.Idle {
		add(true, "", "host vanishes, idle", "host reboots, idle")
		if g.Proxy {
			add(true, "", "gone behind proxy, idle")
		}
	}
	if g.InFlight {
		add(true, "", "host vanishes, asked")
		if g.Proxy {
			add(true, "", "gone behind proxy, asked")
		}
	}
	return needs
}

// Candidate is a kind of settings, made for the goal.
type Candidate struct {
	Name     string
	Settings rule.Settings
	Why      string   // it does not meet the goal; empty if it does
	Decisive []string // the failures that show it
}

// judge says why the settings don't meet the goal, by the rule.
func (g Goal) judge(c *Candidate) {
	for _, n := range g.needs() {
		p := rule.Predict(c.Settings, rule.Default(), n.failure)
		switch {
		case n.ends && len(p.Events) == 0:
			c.Why = fmt.Sprintf("%s: it notices nothing", n.failure.Name)
		case n.ends && p.NotAfter() > g.Within:
			c.Why = fmt.Sprintf("%s: %s, after %s", n.failure.Name, p.Events[0].By, rule.Short(p.Events[0].After))
		case !n.ends && len(p.Events) > 0 && p.Events[0].Outcome != rule.Served:
			c.Why = fmt.Sprintf("%s: %s (%s, after %s)", n.failure.Name, n.spared, p.Events[0].By, rule.Short(p.Events[0].After))
		default:
			continue
		}
		c.Decisive = []string{n.failure.Name}
		return
	}
	for _, n := range g.needs() {
		c.Decisive = append(c.Decisive, n.failure.Name)
	}
}
