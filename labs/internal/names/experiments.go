// Package names finds experiments and exercises by the names that a person gives them.
package names

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// Experiments returns the experiments that match the name in args. Without a name, it returns all experiments.
func Experiments(root string, all []catalog.Experiment, args []string) ([]catalog.Experiment, error) {
	if len(args) == 0 {
		return all, nil
	}
	// A strict match has precedence over a loose one.
	for _, fits := range []func(catalog.Experiment, string) bool{isOfLab, isTest, contains} {
		found := slices.DeleteFunc(slices.Clone(all), func(e catalog.Experiment) bool { return !fits(e, args[0]) })
		if len(found) > 0 {
			return found, nil
		}
	}
	if err := noLab(args[0], Labs(all)); err != nil {
		return nil, err
	}
	return nil, unknown(root, args[0], all)
}

// Experiment is like Experiments, for a single experiment.
func Experiment(root string, all []catalog.Experiment, args []string) (catalog.Experiment, error) {
	found, err := Experiments(root, all, args)
	if err != nil {
		return catalog.Experiment{}, err
	}
	if len(found) > 1 {
		return catalog.Experiment{}, fmt.Errorf("%q fits %d experiments; take one: %s", args[0], len(found), Few(found))
	}
	return found[0], nil
}

// Few is the names of the experiments, or of the first few if there are many.
func Few(experiments []catalog.Experiment) string {
	const enough = 5
	var names []string
	for _, e := range experiments[:min(len(experiments), enough)] {
		names = append(names, Short(e))
	}
	if len(experiments) > enough {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

func isOfLab(e catalog.Experiment, name string) bool { return isLab(e.Lab, name) }

// isTest reports whether a name means the test: TestX, X and lab01/x do. Case and punctuation don't matter.
func isTest(e catalog.Experiment, name string) bool {
	lab, test, found := strings.Cut(name, "/")
	if !found {
		lab, test = e.Lab, name
	}
	return isLab(e.Lab, lab) && (plain(test) == plain(e.Test) || plain(test) == plain(Short(e)))
}

// contains reports whether a name is a part of the test's name that begins at one of its words. It may follow the name of
// the lab.
func contains(e catalog.Experiment, name string) bool {
	lab, test, found := strings.Cut(name, "/")
	if !found {
		lab, test = e.Lab, name
	}
	if !isLab(e.Lab, lab) || plain(test) == "" {
		return false
	}
	words := strings.Fields(spaced(e.Test))
	for i := range words {
		if strings.HasPrefix(plain(strings.Join(words[i:], "")), plain(test)) {
			return true
		}
	}
	return false
}

// Short is an experiment's name without Test, as a person would type it.
func Short(e catalog.Experiment) string { return cmp.Or(strings.TrimPrefix(e.Test, "Test"), e.Test) }

// Labs are the labs of these experiments, in their order.
func Labs(experiments []catalog.Experiment) (labs []string) {
	for _, e := range experiments {
		labs = append(labs, e.Lab)
	}
	return slices.Compact(labs)
}
