// Package try plans what your own settings are tried with, takes in what was measured, and sums it up in words. The
// experiment is Lab 4's TestYourSettings.
package try

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/gotest"
)

// The experiment, and its folder.
const (
	Test = "TestYourSettings"
	Lab  = "lab04_compare"
)

// Short is how long a row may take that is measured in real time.
const Short = 10 * time.Second

// Plan is what is to be measured: the rows by where they are, as the rule expects them with a system's defaults.
type Plan struct {
	Settings       rule.Settings
	Quick, Lengthy []rule.Result
}

// NewPlan plans to try the settings with all failures, or with one.
func NewPlan(set rule.Settings, isServer bool, failure string) (Plan, error) {
	plan := Plan{Settings: set}
	var names []string
	for _, f := range rule.Failures {
		names = append(names, f.Name)
		if failure != "" && f.Name != failure || isServer && f.Call == rule.Connect {
			continue
		}
		if r := rule.Expect(set, rule.Default(), f); r.Watched <= Short {
			plan.Quick = append(plan.Quick, r)
		} else {
			plan.Lengthy = append(plan.Lengthy, r)
		}
	}
	if len(plan.Quick)+len(plan.Lengthy) == 0 {
		return plan, fmt.Errorf("there is no failure %q; there are: %s", failure, strings.Join(names, "; "))
	}
	return plan, nil
}

// All makes one list of it, for whoever waits in real time.
func (p Plan) All() []rule.Result { return slices.Concat(p.Quick, p.Lengthy) }

// Pattern chooses the tests that measure these rows.
func Pattern(rows []rule.Result) string {
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

// TestArgs are the arguments of go test that measure these rows.
func (p Plan) TestArgs(rows []rule.Result) []string {
	limit := 2*Longest(rows) + 10*time.Minute
	return append([]string{"-count=1", "-timeout", limit.String(), "-run", Pattern(rows), "./" + Lab, "-args"}, p.Settings.Args()...)
}

// BinaryArgs are those of the compiled test.
func BinaryArgs(set rule.Settings, rows []rule.Result) []string {
	return append([]string{"-test.run=" + Pattern(rows)}, set.Args()...)
}

// Measured are the rows that have been measured.
type Measured struct {
	rows map[[2]string]rule.Result // by settings and failure
}

// Add takes an event of go test.
func (m *Measured) Add(e gotest.Event) {
	var r rule.Result
	if e.Action != gotest.Attr || e.Key != rule.AttrKey || json.Unmarshal([]byte(e.Value), &r) != nil {
		return
	}
	if m.rows == nil {
		m.rows = make(map[[2]string]rule.Result)
	}
	m.rows[[2]string{r.Settings, r.Failure}] = r
}

// Results are the rows of settings that the experiment has, in the order of the table.
func (m *Measured) Results(of rule.Settings) (results []rule.Result) {
	for _, f := range rule.Failures {
		if r, is := m.rows[[2]string{of.String(), f.Name}]; is {
			results = append(results, r)
		}
	}
	return results
}

// LeftBecause says what the plan's lengthy rows would take where there is no time machine.
func (p Plan) LeftBecause(err error) string {
	return fmt.Sprintf("Not measured: %s, which would take %s (%v). --real waits for them.",
		story.Count(len(p.Lengthy), "failure"), rough(Longest(p.Lengthy)), err)
}
