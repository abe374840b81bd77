package advise

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/measure"
	"socketlabs/labs/internal/view"
)

// verify measures, in the time machine, the decisive failures of each candidate. The error unverified says why there is no
// time machine; err ends the command.
func (g goal) verify(ctx context.Context, s *cli.Session, candidates []candidate, v view.View) (kernel string, unverified, err error) {
	var runs [][]string
	for _, c := range candidates {
		plan := g.plan(c)
		if rows := slices.Concat(plan.Quick, plan.Lengthy); len(rows) > 0 {
			runs = append(runs, plan.MachineArgs(rows))
		}
	}
	machine, err := measure.NewMachine(ctx, s, runs...)
	if err != nil && ctx.Err() == nil {
		return "", err, nil
	}
	if err != nil {
		return "", nil, err
	}
	defer machine.Close()
	kernel, err = machine.Run(ctx, s, "", v)
	return kernel, nil, err
}

// plan measures the decisive failures of a candidate.
func (g goal) plan(c candidate) measure.Plan {
	return measure.NewPlan(c.settings, g.middlebox, c.decisive)
}

// check updates a candidate that meets the goal by the rule, from what was measured. A failure that was not measured, or
// not as the rule says, leaves it unverified.
func (g goal) check(c *candidate, m *measurement) {
	if c.why != "" {
		return
	}
	tooFar := g.plan(*c).TooFar
	for _, r := range m.rows.Of(g.plan(*c)) {
		isTooFar := slices.ContainsFunc(tooFar, func(far rule.Result) bool { return far.Failure == r.Failure })
		why, unverified := g.short(r), ""
		result, reason := m.ended(r)
		switch {
		case why != "":
			c.why = fmt.Sprintf("by the rule it meets the goal, but measured: %s: %s", r.Failure, why)
			return
		case isTooFar:
			unverified = "the time machine goes no further than a day"
		case r.MeasuredOutcome == "" && result == gotest.Skip:
			unverified = reason
		case r.MeasuredOutcome == "":
			unverified = "its test ended before it was measured"
		case result == gotest.Fail:
			unverified = "what was measured is not what the rule says"
		default:
			continue
		}
		if c.unverified == "" {
			c.unverified = r.Failure + ": " + unverified
		}
	}
}

// short says why a measurement misses the goal. It is empty if the measurement meets it, or if there is none.
func (g goal) short(r rule.Result) string {
	needs := g.needs()
	i := slices.IndexFunc(needs, func(n need) bool { return n.failure.Name == r.Failure })
	isHeld := r.MeasuredOutcome == rule.Waiting || r.MeasuredOutcome == rule.Served
	switch n := needs[i]; {
	case r.MeasuredOutcome == "":
		return ""
	case n.ends && isHeld:
		return "it notices nothing"
	case n.ends && r.Measured > g.within:
		return "found only after " + rough(r.Measured)
	case !n.ends && r.MeasuredOutcome != n.outcome:
		return fmt.Sprintf("%s (%s, after %s)", n.spared, r.MeasuredOutcome, rough(r.Measured))
	default:
		return ""
	}
}

// measurement collects what the tests measure, and how they end. Several candidates run a test of the same name, so each
// ending is kept by its row.
type measurement struct {
	view.View
	rows    measure.Results
	running map[string]*ending
	endings map[string]*ending // by nameOf
}

// ending is how the measurement of a row ended.
type ending struct {
	kept.Outcome
	of string
}

// nameOf is what a row measures, as the key of a map.
func nameOf(r rule.Result) string { return r.Settings + ": " + r.Failure }

func newMeasurement(v view.View) *measurement {
	return &measurement{View: v, running: make(map[string]*ending), endings: make(map[string]*ending)}
}

// Event takes an event of go test.
func (m *measurement) Event(e gotest.Event) {
	m.View.Event(e)
	m.rows.Add(e)
	now := m.running[e.Test]
	var r rule.Result
	switch {
	case e.Action == gotest.Attr && e.Key == rule.AttrKey && json.Unmarshal([]byte(e.Value), &r) == nil:
		if now == nil || now.of != nameOf(r) {
			m.running[e.Test] = &ending{of: nameOf(r)}
		}
	case now == nil:
	case e.Action == gotest.Output && !gotest.IsFrame(e.Output):
		now.Says = append(now.Says, strings.TrimSuffix(e.Output, "\n"))
	case e.IsResult():
		now.Result = e.Action
		m.endings[now.of] = now
		delete(m.running, e.Test)
	}
}

// ended is the result of a row's measurement, and the reason if it was skipped.
func (m *measurement) ended(r rule.Result) (result, reason string) {
	if e := m.endings[nameOf(r)]; e != nil {
		return e.Result, e.Reason()
	}
	return "", ""
}

// failed are the rows whose measurement is not what the rule says.
func (m *measurement) failed(rows []rule.Result) (failed []rule.Result) {
	for _, r := range rows {
		if result, _ := m.ended(r); result == gotest.Fail {
			failed = append(failed, r)
		}
	}
	return failed
}
