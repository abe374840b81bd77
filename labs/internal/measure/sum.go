package measure

import (
	"fmt"
	"math"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// Sum says, in words, how long a dead peer can hold you, what is never noticed, and what healthy peer is dropped. It says
// what was measured, and what the rule says of the rest.
func Sum(results []rule.Result) (lines []string) {
	lines = append(lines, held(results, rule.Idle, "an idle connection")...)
	lines = append(lines, held(results, rule.Answer, "a connection with data in flight")...)
	if worst := longest(results, rule.Connect, isDirect); worst != nil {
		lines = append(lines, "A host that does not answer holds a connect "+howLong(*worst))
	}
	var unnoticed, dropped, limits []string
	for _, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		outcome, _ := ended(r)
		after, isLimit := limited[r.Failure]
		switch {
		case outcome == rule.Waiting:
			unnoticed = append(unnoticed, r.Failure)
		case f.Healthy && outcome != rule.Served:
			dropped = append(dropped, fmt.Sprintf("%s (%s, after %s)", r.Failure, cause(r), when(r)))
		case isLimit && outcome != rule.Served:
			limits = append(limits, fmt.Sprintf(after, when(r))+" ("+cause(r)+")")
		}
	}
	if len(unnoticed) > 0 {
		lines = append(lines, "Never noticed: "+strings.Join(unnoticed, "; ")+".")
	}
	if len(dropped) > 0 {
		lines = append(lines, "Healthy, and dropped: "+strings.Join(dropped, "; ")+".")
	}
	if len(limits) > 0 {
		lines = append(lines, "A healthy peer is dropped, too, if it "+strings.Join(limits, ", or ")+".")
	}
	return lines
}

// limited are the failures that look, until they are over, like a healthy peer that is slow, or is cut off for a while:
// what drops the one drops the other.
var limited = map[string]string{
	"slow answer":                    "takes %s to answer",
	"host vanishes, idle":            "can't be reached for %s while idle",
	"host vanishes, request pending": "can't be reached for %s with data in flight",
	"peer stops reading":             "reads nothing for %s",
}

// Where a dead peer is, or a peer that we can't reach any more.
func isDirect(f rule.Failure) bool      { return f.IsDead() }
func isBehindProxy(f rule.Failure) bool { return f.Proxy }
func isForgotten(f rule.Failure) bool   { return f.IdleTimeout > 0 }

// held says how long such a connection can be held, and how much longer by a peer that is not directly connected.
func held(results []rule.Result, call rule.Call, what string) (lines []string) {
	direct := longest(results, call, isDirect)
	for _, place := range []struct {
		is      func(rule.Failure) bool
		subject string
	}{
		{isBehindProxy, "Behind a proxy, a dead peer holds "},
		{isForgotten, "A middlebox that forgets holds "},
	} {
		if worst := longest(results, call, place.is); worst != nil && (direct == nil || isLonger(*worst, *direct)) {
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

// longest is the row that holds such a call longest. A call that was served is not held.
func longest(results []rule.Result, call rule.Call, is func(rule.Failure) bool) (worst *rule.Result) {
	for i, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		if outcome, _ := ended(r); f.Call != call || !is(f) || outcome == rule.Served {
			continue
		}
		if worst == nil || holds(r) > holds(*worst) {
			worst = &results[i]
		}
	}
	return worst
}

const forever = time.Duration(math.MaxInt64 / 2) // half, as times are added

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

// isLonger reports whether a row holds a call longer than another by more than a busy machine may add.
func isLonger(a, b rule.Result) bool {
	const busy = 250 * time.Millisecond
	return holds(a)-busy > holds(b)+holds(b)/100
}

// when is the rule's time, or the measured one if that is of something else.
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
