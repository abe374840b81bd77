package names

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// isLab reports whether a name means the lab: lab01_timeout, lab01, lab1, 1 and timeout do.
func isLab(lab, name string) bool {
	number, topic, _ := strings.Cut(strings.TrimPrefix(lab, "lab"), "_")
	name = strings.ToLower(strings.TrimSuffix(name, "/"))
	asNumber := strings.TrimLeft(strings.TrimPrefix(name, "lab"), "0")
	return name == lab || name == topic || asNumber == strings.TrimLeft(number, "0")
}

// likeLab matches names that can only mean a lab, not an experiment: lab, lab07, lab7, 7.
var likeLab = regexp.MustCompile(`(?i)^(lab(\d|$)|\d)`)

// Lab is the lab that a person names.
func Lab(all []catalog.Experiment, name string) (string, error) {
	labs := Labs(all)
	if i := slices.IndexFunc(labs, func(lab string) bool { return isLab(lab, name) }); i >= 0 {
		return labs[i], nil
	}
	return "", unknownLab(name, labs)
}

func unknownLab(name string, labs []string) error {
	return fmt.Errorf("there is no lab %q; the labs: %s", name, strings.Join(labs, ", "))
}

// noLab is an error if the name means a lab that does not exist, or something in such a lab.
func noLab(name string, labs []string) error {
	lab, _, _ := strings.Cut(name, "/")
	isOne := func(one string) bool { return isLab(one, lab) }
	if !likeLab.MatchString(lab) || slices.ContainsFunc(labs, isOne) {
		return nil
	}
	return unknownLab(lab, labs)
}
