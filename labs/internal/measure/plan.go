// Package measure finds out what settings do: it plans which of Lab 4's failures are measured where, takes in what comes of
// them, and says it in words. The experiment is Lab 4's TestYourSettings.
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

// What may be asked of one run.
const (
	Short    = 10 * time.Second // how long a row may take that is measured in real time
	farthest = 20 * time.Hour   // and in the time machine, which stops a test after 24 hours of its own
)

// Plan is what is to be measured: the rows by where they are, as the rule expects them with a system's defaults.
type Plan struct {
	Settings               rule.Settings
	Middlebox              time.Duration // its idle timeout
	Quick, Lengthy, TooFar []rule.Result
}

// NewPlan plans to try the settings with these failures.
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

// All makes one list of it, for whoever waits in real time.
func (p Plan) All() []rule.Result { return slices.Concat(p.Quick, p.Lengthy, p.TooFar) }

// testArgs are the arguments of go test that measure these rows.
func (p Plan) testArgs(rows []rule.Result) []string {
	limit := 2*Longest(rows) + 10*time.Minute
	args := []string{"-count=1", "-timeout", limit.String(), "-run", pattern(rows), "./" + Lab, "-args"}
	return append(args, arguments(p.Settings, p.Middlebox)...)
}

// MachineArgs are those of the compiled test. The machine is never busy, so that a row that is late does not follow the rule.
func (p Plan) MachineArgs(rows []rule.Result) []string {
	return append([]string{"-test.run=" + pattern(rows), "-on-time"}, arguments(p.Settings, p.Middlebox)...)
}

func arguments(set rule.Settings, middlebox time.Duration) []string {
	return append(set.Args(), "-middlebox="+middlebox.String())
}

// pattern chooses the tests that measure these rows.
func pattern(rows []rule.Result) string {
	var names []string
	for _, r := range rows {
		names = append(names, regexp.QuoteMeta(strings.ReplaceAll(r.Failure, " ", "_")))
	}
	return "^" + Test + "$/^(" + strings.Join(names, "|") + ")$"
}

// Longest is how long the longest of these rows takes.
func Longest(rows []rule.Result) (longest time.Duration) {
	for _, r := range rows {
		longest = max(longest, r.Watched)
	}
	return longest
}

// Left says which rows are not measured, and what they would take.
func Left(rows []rule.Result, why string) string {
	return fmt.Sprintf("Not measured: %s, which would take %s. %s; --real waits for it.",
		story.Count(len(rows), "failure"), story.Exactly(Longest(rows).Round(time.Second)), why)
}
