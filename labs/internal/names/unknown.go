package names

import (
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/find"
)

// Unknown is the error that no experiment has a name. It suggests what may be meant.
type Unknown struct {
	name    string
	nearest []string     // names that differ in a few letters
	Found   []find.Match // experiments that the words of the name find
}

func (u *Unknown) Error() string {
	text := fmt.Sprintf("no experiment is called %q; ", u.name)
	switch {
	case len(u.nearest) > 0:
		return text + "the nearest: " + strings.Join(u.nearest, ", ")
	case len(u.Found) > 0:
		var fitting []catalog.Experiment
		for _, m := range u.Found {
			fitting = append(fitting, m.Experiment)
		}
		return text + "these fit best: " + Few(fitting)
	default:
		return text + "go run ./labs list lists all"
	}
}

// unknown is an Unknown. If the experiments don't know every word of the name, it suggests names that differ in a few letters.
// If there are none, or all words are known, it suggests the experiments that the words find.
func unknown(root, name string, all []catalog.Experiment) error {
	words := name
	if lab, test, isInLab := strings.Cut(name, "/"); isInLab && likeLab.MatchString(lab) {
		words = test
	}
	index := find.NewIndex(root, all)
	u := &Unknown{name: name}
	if !index.Knows(words) {
		u.nearest = nearest(name, all)
	}
	if len(u.nearest) == 0 {
		u.Found = index.Find(words)
	}
	return u
}

// nearest returns the names with the least distance from the given one. They differ in a letter or two, so the given one is
// probably mistyped.
func nearest(name string, experiments []catalog.Experiment) []string {
	const enough, mistyped = 3, 2
	if _, test, isInLab := strings.Cut(name, "/"); isInLab {
		name = test
	}
	var all []string
	for _, e := range experiments {
		all = append(all, Short(e))
	}
	all = slices.DeleteFunc(byDistance(name, all), func(other string) bool {
		return distance(plain(name), other) > min(mistyped, len(plain(name))/2)
	})
	return all[:min(len(all), enough)]
}
