package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// Sum says in words how long a dead peer can hold you, which failures are never noticed, and which healthy peers are dropped.
// It uses the measured results, and the rule for the others.
func Sum(results []rule.Result) (lines []string) {
	lines = append(lines, held(results, "an idle connection", rule.Idle)...)
	lines = append(lines, held(results, "a connection with data in flight", rule.Answer, rule.Send)...)
	if worst := longest(results, isDirect, rule.Connect); worst != nil {
		lines = append(lines, "A host that does not answer holds a connect "+howLong(*worst))
	}
	var unnoticed, dropped []string
	for _, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		outcome, _ := ended(r)
		switch {
		case outcome == rule.Waiting:
			unnoticed = append(unnoticed, r.Failure)
		case f.Healthy && outcome != rule.Served:
			dropped = append(dropped, fmt.Sprintf("%s (%s, after %s)", r.Failure, cause(r), when(r)))
		}
	}
	if len(unnoticed) > 0 {
		lines = append(lines, "Never noticed: "+strings.Join(unnoticed, "; ")+".")
	}
	if len(dropped) > 0 {
		lines = append(lines, "Healthy, and dropped: "+strings.Join(dropped, "; ")+".")
	}
	if limits := limits(results); limits != nil {
		lines = append(lines, "A healthy peer is dropped, too, if it "+strings.Join(limits, ", or ")+".")
	}
	return lines
}

// limits say when a healthy peer is dropped: while it is slow, or isn't heard for a while, it looks like a failure.
func limits(results []rule.Result) (limits []string) {
	for _, of := range []struct {
		text     string
		failures []string
	}{
		{"takes %s to answer", []string{"slow answer"}},
		{"isn't heard for %s while idle", []string{"host vanishes, idle"}},
		{"can't be reached for %s with data in flight", []string{"host vanishes, request pending", "host vanishes, sending"}},
		{"reads nothing for %s", []string{"peer stops reading"}},
	} {
		var first *rule.Result
		for i, r := range results {
			outcome, _ := ended(r)
			acts := outcome != rule.Waiting && outcome != rule.Served
			if acts && slices.Contains(of.failures, r.Failure) && (first == nil || lasts(r) < lasts(*first)) {
				first = &results[i]
			}
		}
		if first != nil {
			limits = append(limits, fmt.Sprintf(of.text, when(*first))+" ("+cause(*first)+")")
		}
	}
	return limits
}

// Where a dead peer is, or a peer that can't be reached any more.
func isDirect(f rule.Failure) bool      { return f.IsDead() }
func isBehindProxy(f rule.Failure) bool { return f.Proxy }
func isForgotten(f rule.Failure) bool   { return f.IdleTimeout > 0 }

// held says how long a dead peer can hold such a connection, and how long if it is not directly connected.
func held(results []rule.Result, what string, calls ...rule.Call) (lines []string) {
	direct := longest(results, isDirect, calls...)
	for _, place := range []struct {
		is      func(rule.Failure) bool
		subject string
	}{
		{isBehindProxy, "Behind a proxy, a dead peer holds "},
		{isForgotten, "A middlebox that forgets holds "},
	} {
		if worst := longest(results, place.is, calls...); worst != nil && (direct == nil || isLonger(*worst, *direct)) {
			lines = append(lines, place.subject+what+" "+howLong(*worst))
		}
	}
	switch {
	case direct == nil:
		return lines
	case lines == nil:
		return []string{"A dead peer holds " + what + " " + howLong(*direct)}
	default:
		return append([]string{"Directly connected, a dead peer holds " + what + " " + howLong(*direct)}, lines...)
	}
}

// longest is the row whose call is held longest. A call that was served was not held.
func longest(results []rule.Result, is func(rule.Failure) bool, calls ...rule.Call) (worst *rule.Result) {
	for i, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		if outcome, _ := ended(r); !slices.Contains(calls, f.Call) || !is(f) || outcome == rule.Served {
			continue
		}
		if worst == nil || lasts(r) > lasts(*worst) {
			worst = &results[i]
		}
	}
	return worst
}

const forever = time.Duration(math.MaxInt64 / 2) // half of the maximum, so that times can be added

// holds is how long a call is held.
func holds(r rule.Result) time.Duration {
	if outcome, _ := ended(r); outcome == rule.Waiting {
		return forever
	}
	if asExpected(r) {
		return max(r.Nominal, r.Measured)
	}
	return r.Measured
}

// lasts is the time of a row for comparisons. It is the rule's where there is one, so that measured differences don't decide
// between two rows that last equally long by the rule.
func lasts(r rule.Result) time.Duration {
	if outcome, _ := ended(r); outcome != rule.Waiting && asExpected(r) {
		return r.Nominal
	}
	return holds(r)
}

// isLonger reports whether a row holds a call longer than another, by more than a busy machine may add.
func isLonger(a, b rule.Result) bool {
	const busy = 250 * time.Millisecond
	return holds(a)-busy > holds(b)+holds(b)/100
}

// when is the rule's time, or the measured one if something else happened than the rule says.
func when(r rule.Result) string {
	if asExpected(r) {
		return story.Exactly(r.Nominal)
	}
	return rough(r)
}

func howLong(r rule.Result) string {
	switch {
	case holds(r) < forever:
		text := fmt.Sprintf("for %s at the longest (%s; %s)", when(r), r.Failure, cause(r))
		if asExpected(r) && r.Measured > 0 {
			text += ", measured " + rough(r)
		}
		return text + "."
	case asExpected(r):
		return fmt.Sprintf("forever (%s).", r.Failure)
	default:
		return fmt.Sprintf("for more than %s (%s).", story.Duration(r.Watched), r.Failure)
	}
}
