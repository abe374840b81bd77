package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"socketlabs/labs/catalog"
)

// find returns the experiments that fit the name a person gave; all of them if there is none.
func (l *labs) find(args []string) ([]catalog.Experiment, error) {
	if len(args) == 0 {
		return l.experiments, nil
	}
	// What fits in a stricter way is meant rather than what fits in a looser one.
	for _, fits := range []func(catalog.Experiment, string) bool{isLab, isTest, contains} {
		found := slices.DeleteFunc(slices.Clone(l.experiments), func(e catalog.Experiment) bool { return !fits(e, args[0]) })
		if len(found) > 0 {
			return found, nil
		}
	}
	if err := noLab(args[0], l.labNames()); err != nil {
		return nil, err
	}
	return nil, l.unknown(args[0])
}

// likeLab is what names of labs look like, and names of experiments don't: lab, lab07, lab7, 7.
var likeLab = regexp.MustCompile(`(?i)^(lab(\d|$)|\d)`)

// noLab is an error if the name is that of a lab which is not among the labs, or of something in it.
func noLab(name string, labs []string) error {
	lab, _, _ := strings.Cut(name, "/")
	isOne := func(one string) bool { return isLab(catalog.Experiment{Lab: one}, lab) }
	if !likeLab.MatchString(lab) || slices.ContainsFunc(labs, isOne) {
		return nil
	}
	return fmt.Errorf("there is no lab %q; the labs: %s", lab, strings.Join(labs, ", "))
}

// findOne is find for what takes one experiment.
func (l *labs) findOne(args []string) (catalog.Experiment, error) {
	found, err := l.find(args)
	if err != nil {
		return catalog.Experiment{}, err
	}
	if len(found) > 1 {
		return catalog.Experiment{}, fmt.Errorf("%q fits %d experiments; take one: %s", args[0], len(found), few(found))
	}
	return found[0], nil
}

// few names the experiments, but no more than fit in a line or two.
func few(experiments []catalog.Experiment) string {
	const enough = 5
	var names []string
	for _, e := range experiments[:min(len(experiments), enough)] {
		names = append(names, short(e))
	}
	if len(experiments) > enough {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// isLab takes lab01_timeout, lab01, lab1, 1 and timeout for the lab.
func isLab(e catalog.Experiment, name string) bool {
	number, topic, _ := strings.Cut(strings.TrimPrefix(e.Lab, "lab"), "_")
	name = strings.ToLower(strings.TrimSuffix(name, "/"))
	asNumber := strings.TrimLeft(strings.TrimPrefix(name, "lab"), "0")
	return name == e.Lab || name == topic || asNumber == strings.TrimLeft(number, "0")
}

// isTest takes TestX, X and lab01/x for the test, whatever the case and the punctuation.
func isTest(e catalog.Experiment, name string) bool {
	lab, test, found := strings.Cut(name, "/")
	if !found {
		lab, test = e.Lab, name
	}
	return isLab(e, lab) && (plain(test) == plain(e.Test) || plain(test) == plain(short(e)))
}

// contains takes any part of a test's name that begins with a word for the test, also after its lab's.
func contains(e catalog.Experiment, name string) bool {
	lab, test, found := strings.Cut(name, "/")
	if !found {
		lab, test = e.Lab, name
	}
	if !isLab(e, lab) || plain(test) == "" {
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

// plain leaves of a name its letters and digits, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// nearest returns the names that are most like the one given, in whole or in some of their words: those that differ in a
// letter or two, as names do that are mistyped.
func (l *labs) nearest(name string) []string {
	const enough, mistyped = 3, 2
	_, test, found := strings.Cut(name, "/")
	if found {
		name = test
	}
	var all []string
	for _, e := range l.experiments {
		all = append(all, short(e))
	}
	all = slices.DeleteFunc(byDistance(name, all), func(other string) bool {
		return distance(plain(name), other) > min(mistyped, len(plain(name))/2)
	})
	return all[:min(len(all), enough)]
}

// byDistance sorts names by how much they are like the one given, in whole or in some of their words.
func byDistance(name string, all []string) []string {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(plain(name), a) - distance(plain(name), b) })
	return sorted
}

// distance is the smallest number of edits that make name some words in a row of those in test.
func distance(name, test string) int {
	words := strings.FieldsFunc(spaced(test), unicode.IsSpace)
	least := len(name) + len(test)
	for i := range words {
		for j := i + 1; j <= len(words); j++ {
			least = min(least, levenshtein.ComputeDistance(name, plain(strings.Join(words[i:j], ""))))
		}
	}
	return least
}

// spaced puts a space before every word of a name in camel case.
func spaced(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) || r == '_' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (l *labs) labNames() []string {
	var names []string
	for _, e := range l.experiments {
		names = append(names, e.Lab)
	}
	return slices.Compact(names)
}
