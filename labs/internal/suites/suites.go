// Package suites compares the labs with other projects' test suites: what they assert about timeouts, SO_REUSEADDR and
// keepalive, and which experiments show it. Each suite is a text in the folder suites. Its first paragraph names the suite.
package suites

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/fields"
)

//go:embed suites/*.txt
var files embed.FS

// Suite is the test suite of a project.
type Suite struct {
	File      string // without its suffix
	Name      string
	Where     string
	Behaviors []Behavior
}

// Behavior is something that a suite asserts, as we understand it.
type Behavior struct {
	Asserts string
	Tests   string   // tests of the suite
	ShownBy []string // our tests; none if no experiment shows it
	Because string   // why no experiment shows it, or what is different
}

const none = "none"

// Load reads all suites. It fails if a behavior names an experiment that does not exist, or names none and does not say why.
func Load(experiments []catalog.Experiment) (all []Suite, err error) {
	entries, err := files.ReadDir("suites")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		text, err := files.ReadFile("suites/" + entry.Name())
		if err != nil {
			return nil, err
		}
		s, err := read(string(text), experiments)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		s.File = strings.TrimSuffix(entry.Name(), ".txt")
		all = append(all, s)
	}
	return all, nil
}

func read(text string, experiments []catalog.Experiment) (s Suite, err error) {
	head, rest, _ := strings.Cut(text, "\n\n")
	is, err := fields.Read(head, []string{"Suite", "Where"}, nil)
	if err != nil {
		return s, err
	}
	s.Name, s.Where = is[0]["Suite"], is[0]["Where"]
	rows, err := fields.Read(rest, []string{"Asserts", "Tests", "Shown by"}, []string{"Because"})
	for _, row := range rows {
		b := Behavior{Asserts: row["Asserts"], Tests: row["Tests"], Because: row["Because"]}
		if row["Shown by"] != none {
			b.ShownBy = strings.Split(row["Shown by"], ", ")
		} else if b.Because == "" {
			return s, fmt.Errorf("%q is shown by none, and does not say why", b.Asserts)
		}
		for _, test := range b.ShownBy {
			if !slices.ContainsFunc(experiments, func(e catalog.Experiment) bool { return e.Test == test }) {
				return s, fmt.Errorf("%q is shown by %s, which is not an experiment", b.Asserts, test)
			}
		}
		s.Behaviors = append(s.Behaviors, b)
	}
	return s, err
}
