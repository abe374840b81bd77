package advise

import (
	"fmt"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// goal is what settings are to do.
type goal struct {
	within         time.Duration // a dead peer is found
	idle, inFlight bool          // on an idle connection; with data in flight

	keepSlowReaders bool          // a peer that does not read for a while is not dropped
	middlebox       time.Duration // its idle timeout; 0 if there is none
	proxy           bool          // peers are behind a proxy
}

// String says what is asked for.
func (g goal) String() string {
	parts := []string{"a dead peer is found within " + story.Exactly(g.within)}
	for _, of := range []struct {
		asked bool
		text  string
	}{
		{g.idle, "on an idle connection"},
		{g.inFlight, "with data in flight"},
		{g.keepSlowReaders, "no slow reader is dropped"},
		{g.middlebox > 0, "a middlebox has an idle timeout of " + story.Exactly(g.middlebox)},
		{g.proxy, "peers are behind a proxy"},
	} {
		if of.asked {
			parts = append(parts, of.text)
		}
	}
	return "The goal: " + strings.Join(parts, "; ") + "."
}

// need is what a failure, or what is none, has to come to.
type need struct {
	failure rule.Failure
	ends    bool   // within the goal's time
	spared  string // else it may not end: why
}

// needs are what the goal asks for. No answer may drop a peer that is healthy and has nothing to say.
func (g goal) needs() (needs []need) {
	add := func(ends bool, spared string, names ...string) {
		for _, name := range names {
			f, _ := rule.FailureNamed(name)
			needs = append(needs, need{f.WithMiddlebox(g.middlebox), ends, spared})
		}
	}
	add(false, "it drops a healthy peer", "healthy peer, idle", "short outage, request pending")
	if g.keepSlowReaders {
		add(false, "it drops a peer that reads slowly", "peer stops reading")
	}
	if g.middlebox > 0 {
		add(false, "the middlebox has forgotten the connection", "middlebox forgets, idle")
	}
	if g.idle {
		add(true, "", "host vanishes, idle", "host reboots, idle")
		if g.proxy {
			add(true, "", "gone behind proxy, idle")
		}
	}
	if g.inFlight {
		add(true, "", "host vanishes, request pending")
		if g.proxy {
			add(true, "", "gone behind proxy, request pending")
		}
	}
	return needs
}

// candidate is a kind of settings, made for the goal.
type candidate struct {
	name     string
	settings rule.Settings
	why      string         // it does not meet the goal; empty if it does
	decisive []rule.Failure // that show it
}

// judge says why the settings don't meet the goal, by the rule.
func (g goal) judge(c *candidate) {
	for _, n := range g.needs() {
		p := rule.Predict(c.settings, rule.Default(), n.failure)
		switch {
		case n.ends && len(p.Events) == 0:
			c.why = fmt.Sprintf("%s: it notices nothing", n.failure.Name)
		case n.ends && !endsBy(p, g.within):
			c.why = fmt.Sprintf("%s: found only after %s (%s)", n.failure.Name, story.Exactly(p.Events[0].After), p.Events[0].By)
		case !n.ends && len(p.Events) > 0 && p.Events[0].Outcome != rule.Served:
			c.why = fmt.Sprintf("%s: %s (%s, after %s)", n.failure.Name, n.spared, p.Events[0].By, story.Exactly(p.Events[0].After))
		default:
			continue
		}
		c.decisive = []rule.Failure{n.failure}
		return
	}
	for _, n := range g.needs() {
		c.decisive = append(c.decisive, n.failure)
	}
}

// endsBy reports whether a call is sure to have ended by then.
func endsBy(p rule.Prediction, limit time.Duration) bool {
	end, isSure := p.NotAfter()
	return isSure && end <= limit
}
