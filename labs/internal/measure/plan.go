// Package measure finds out what settings do. It plans which of Lab 4's failures are measured where, collects the results, and
// says them in words. The experiment that measures is Lab 4's TestYourSettings.
package measure

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// The experiment, and its folder.
const (
	Test = "TestYourSettings"
	Lab  = "lab04_compare"
)

// The longest row that is measured in each place.
const (
	Short    = 10 * time.Second // in real time
	farthest = 20 * time.Hour   // in the time machine, which stops a test after 24 hours of virtual time
)

// Plan is what to measure, and where: Quick in real time, Lengthy in the time machine, TooFar nowhere. The rows are what the
// rule expects with a system's defaults.
type Plan struct {
	Settings               rule.Settings
	Middlebox              time.Duration // its idle timeout
	Quick, Lengthy, TooFar []rule.Result
}

// NewPlan plans to measure the settings with these failures.
func NewPlan(set rule.Settings, middlebox time.Duration, failures []rule.Failure) Plan {
	plan := Plan{Settings: set, Middlebox: middlebox}
	for _, f := range failures {
		rows := &plan.Lengthy
		r := rule.Expect(set, rule.Default(), f.WithMiddlebox(middlebox))
		switch {
		case r.Watched <= Short:
			rows = &plan.Quick
		case r.Watched > farthest:
			rows = &plan.TooFar
		}
		*rows = append(*rows, r)
	}
	return plan
}

// All are all rows, for a user who waits for them in real time.
func (p Plan) All() []rule.Result { return slices.Concat(p.Quick, p.Lengthy, p.TooFar) }

// testArgs are the arguments of go test for these rows.
func (p Plan) testArgs(rows []rule.Result) []string {
	limit := 2*Longest(rows) + 10*time.Minute
	args := []string{"-count=1", "-timeout", limit.String(), "-run", pattern(rows), "./" + Lab, "-args"}
	return append(args, arguments(p.Settings, p.Middlebox)...)
}

// MachineArgs are the arguments of the compiled test, for the time machine. That is never busy, so a late row breaks the rule.
func (p Plan) MachineArgs(rows []rule.Result) []string {
	return append([]string{"-test.run=" + pattern(rows), "-on-time"}, arguments(p.Settings, p.Middlebox)...)
}

func arguments(set rule.Settings, middlebox time.Duration) []string {
	return append(set.Args(), "-middlebox="+middlebox.String())
}

// pattern matches the tests that measure these rows.
func pattern(rows []rule.Result) string {
	var names []string
	for _, r := range rows {
		names = append(names, regexp.QuoteMeta(strings.ReplaceAll(r.Failure, " ", "_")))
	}
	return "^" + Test + "$/^(" + strings.Join(names, "|") + ")$"
}

// Longest is the time of the longest row.
func Longest(rows []rule.Result) (longest time.Duration) {
	for _, r := range rows {
		longest = max(longest, r.Watched)
	}
	return longest
}

// Left says which rows are not measured, why, and how long they would take.
func Left(rows []rule.Result, why string) string {
	return fmt.Sprintf("Not measured: %s, which would take %s. %s; --real waits for it.",
		story.Count(len(rows), "failure"), story.Exactly(Longest(rows).Round(time.Second)), why)
}
