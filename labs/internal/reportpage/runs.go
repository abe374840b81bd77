package reportpage

import (
	"path"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
)

// machineTest is the package of the test that says what a machine is.
const machineTest = "machinetest"

// run is a run of experiments on one kernel.
type run struct {
	Name   string
	Began  time.Time
	Took   string // by its kernel's clock
	Counts []count
	Facts  []fact
}

type count struct {
	Result result
	N      int
}

// fact is a fact about the machine.
type fact struct{ Name, Value string }

func newRuns(runs []kept.Run, experiments []experiment) []run {
	var all []run
	for i, r := range runs {
		shown := run{Name: kernelName(r), Facts: factsOf(r)}
		var ended time.Time
		for _, t := range r.Tests {
			if t.Lab == machineTest {
				continue
			}
			if shown.Began.IsZero() || t.Began.Before(shown.Began) {
				shown.Began = t.Began
			}
			if end := t.Began.Add(t.Time()); end.After(ended) {
				ended = end
			}
		}
		shown.Took = story.Tenths(ended.Sub(shown.Began))
		found := make(map[result]int)
		for _, e := range experiments {
			if t := e.Tests[i]; t != nil {
				found[t.Result]++
			}
		}
		for _, of := range results {
			if found[of] > 0 {
				shown.Counts = append(shown.Counts, count{of, found[of]})
			}
		}
		all = append(all, shown)
	}
	return all
}

func factsOf(r kept.Run) []fact {
	var facts []fact
	for _, t := range r.Tests {
		if t.Lab != machineTest {
			continue
		}
		for key, value := range t.Attributes {
			if name, ok := strings.CutPrefix(key, "is/"); ok {
				facts = append(facts, fact{strings.ReplaceAll(name, "_", " "), value})
			}
		}
	}
	slices.SortFunc(facts, func(a, b fact) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return facts
}

// idOf is the id of a test's section.
func idOf(r kept.Run, lab, test string) string { return path.Join(r.Kernel, lab, test) }

func kernelName(r kept.Run) string {
	if r.Kernel == "" {
		return here
	}
	return "Linux " + r.Kernel
}

// here is the name of a run on the machine itself.
const here = "this machine"
