package report

import "socketlabs/labs/catalog"

// filter is a choice among the experiments.
type filter struct {
	Name, Label string
	Choices     []choice
}

type choice struct{ Value, Label string }

func newFilters(labs []catalog.Lab) []filter {
	lab := filter{Name: "lab", Label: "Lab"}
	for _, l := range labs {
		lab.Choices = append(lab.Choices, choice{l.Name, l.Name})
	}
	verdict := filter{Name: "verdict", Label: "Verdict"}
	for _, v := range []catalog.Verdict{catalog.Holds, catalog.Conditional, catalog.Refuted, catalog.Beyond} {
		verdict.Choices = append(verdict.Choices, choice{string(v), v.Phrase()})
	}
	of := filter{Name: "result", Label: "Result"}
	for _, r := range results {
		of.Choices = append(of.Choices, choice{string(r), string(r)})
	}
	failure := filter{Name: "failure", Label: "Failure"}
	for _, f := range catalog.Failures() {
		failure.Choices = append(failure.Choices, choice{f, f})
	}
	return []filter{lab, verdict, of, failure}
}
