package advise

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// goal is what the settings should do.
type goal struct {
	within         time.Duration // a dead peer is found within this time
	idle, inFlight bool          // on an idle connection; with data in flight

	keepSlowReaders bool          // a peer that does not read for a while is not dropped
	middlebox       time.Duration // its idle timeout; 0 if there is none
	proxy           bool          // peers are behind a proxy
}

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

// need is how a failure must end. It can also be about a peer that is not dead: that must not be dropped.
type need struct {
	failure rule.Failure
	ends    bool // the call must end within the goal's time

	outcome string // if not: this must be the outcome
	spared  string // and why any other one is bad
}

// sending is the failure that a timeout on answers does not find.
const sending = "host vanishes, sending"

// needs are what the goal asks for. Whatever it asks for, a healthy peer that is idle must not be dropped.
func (g goal) needs() (needs []need) {
	add := func(n need, names ...string) {
		for _, name := range names {
			f, _ := rule.FailureNamed(name)
			n.failure = f.WithMiddlebox(g.middlebox)
			needs = append(needs, n)
		}
	}
	add(need{outcome: rule.Served, spared: "it drops a healthy peer"}, "healthy peer, idle", "short outage, request pending")
	if g.keepSlowReaders {
		add(need{outcome: rule.Waiting, spared: "it drops a peer that reads slowly"}, "peer stops reading")
	}
	if g.middlebox > 0 {
		add(need{outcome: rule.Served, spared: "the middlebox has forgotten the connection"}, "middlebox forgets, idle")
	}
	if g.idle {
		add(need{ends: true}, "host vanishes, idle", "host reboots, idle")
		if g.proxy {
			add(need{ends: true}, "dead host behind proxy, idle")
		}
	}
	if g.inFlight {
		add(need{ends: true}, "host vanishes, request pending", sending)
		if g.proxy {
			add(need{ends: true}, "dead host behind proxy, request pending")
		}
	}
	return needs
}

// shortfall says with which failure, and why, settings don't meet the goal by the rule.
type shortfall struct {
	why     string
	failure rule.Failure
}

// shortfalls are all shortfalls of the settings. There are none if they meet the goal.
func (g goal) shortfalls(set rule.Settings) (all []shortfall) {
	for _, n := range g.needs() {
		why := ""
		p := rule.Predict(set, rule.Default(), n.failure)
		end, isSure := latest(set, n.failure)
		switch {
		case n.ends && !isSure:
			why = "it notices nothing"
		case n.ends && p.Events[0].After > g.within:
			why = fmt.Sprintf("found only after %s (%s)", story.Exactly(p.Events[0].After), p.Events[0].By)
		case n.ends && end > g.within:
			why = fmt.Sprintf("found only after up to %s, as timers are late (%s)", rough(end), p.Events[0].By)
		case n.failure.Name == sending && !g.endsClosedWindow(set):
			why = "found only after more than half an hour if its window is closed (tcp_retries2)"
		case n.ends || p.Outcome() == n.outcome:
			continue
		case len(p.Events) == 0:
			why = n.spared
		default:
			why = fmt.Sprintf("%s (%s, after %s)", n.spared, p.Events[0].By, story.Exactly(p.Events[0].After))
		}
		all = append(all, shortfall{n.failure.Name + ": " + why, n.failure})
	}
	return all
}

// endsClosedWindow reports whether a write ends in time even if the peer's window was closed when its host vanished.
// A setting that ends a write to a live peer that does not read ends this one, too. Otherwise, only the kernel's limit on
// window probes does (tcp_retries2).
func (g goal) endsClosedWindow(set rule.Settings) bool {
	stalled, _ := rule.FailureNamed("peer stops reading")
	return g.endsInTime(set, stalled) || g.retries() == rule.Default().Retries2
}

// ticks are the lengths of a kernel's tick: CONFIG_HZ is 1000, 300, 250 or 100.
var ticks = []time.Duration{time.Millisecond, time.Second / 300, 4 * time.Millisecond, 10 * time.Millisecond}

// withTick is the default system, with this tick.
func withTick(tick time.Duration) rule.System {
	system := rule.Default()
	system.Tick = tick
	return system
}

// latest is the time after which a call has certainly ended, on a kernel with any of these ticks: the longer a kernel's
// tick, the later its timers.
func latest(set rule.Settings, f rule.Failure) (end time.Duration, isSure bool) {
	for _, tick := range ticks {
		ofOne, isSure := rule.Predict(set, withTick(tick), f).NotAfter()
		if !isSure {
			return 0, false
		}
		end = max(end, ofOne)
	}
	return end, true
}

// rough rounds a time up to 10 ms.
func rough(d time.Duration) string {
	const worth = 10 * time.Millisecond
	return story.Duration((d + worth - 1).Truncate(worth))
}

// noneDoes says that no candidate meets the goal, and whether one would with a smaller tcp_retries2.
func (g goal) noneDoes(candidates []candidate) error {
	retries := g.retries()
	for _, c := range candidates {
		short := g.shortfalls(c.settings)
		if len(short) == 1 && short[0].failure.Name == sending && retries > 0 {
			return fmt.Errorf("none of these settings does it alone; by the rule, these do it with net.ipv4.tcp_retries2 = %d, "+
				"which holds for the whole system: %s", retries, c.settings)
		}
	}
	return errors.New("none of these settings does it: ask for less")
}

// retries is the tcp_retries2 that meets the goal where nothing else ends a write, on kernels with any tick; 0 if none does.
func (g goal) retries() int {
	least := rule.Default().Retries2
	for _, tick := range ticks {
		least = min(least, rule.RetriesFor(g.within, withTick(tick)))
	}
	return least
}
