package reportpage

import (
	"slices"
	"strings"
)

// filter is a choice among the experiments.
type filter struct {
	Name, Label string
	Choices     []choice
}

type choice struct{ Value, Label string }

// newFilters offers the values that some experiment has.
func newFilters(experiments []experiment) []filter {
	var labs, verdicts, outcomes, failures []choice
	for _, e := range experiments {
		labs = append(labs, choice{e.Lab, e.Lab})
		verdicts = append(verdicts, choice{string(e.Verdict), e.Verdict.Phrase()})
		outcomes = append(outcomes, choice{string(e.Result()), string(e.Result())})
		for _, f := range e.Failures {
			failures = append(failures, choice{f, f})
		}
	}
	return []filter{
		{"lab", "Lab", each(labs)},
		{"verdict", "Verdict", each(verdicts)},
		{"result", "Result", each(outcomes)},
		{"failure", "Failure", each(failures)},
	}
}

// each returns every choice once, in the order of their labels.
func each(choices []choice) []choice {
	slices.SortFunc(choices, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	return slices.Compact(choices)
}
