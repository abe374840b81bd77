package suites

import (
	"fmt"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// Folder is the folder of the pages, beside the folders of the labs' pages.
const Folder = "suites"

// Index is a table of the suites, with links to their pages.
func Index(all []Suite) string {
	var b strings.Builder
	b.WriteString("| suite | behaviors | shown here |\n|---|---|---|\n")
	for _, s := range all {
		shown := 0
		for _, behavior := range s.Behaviors {
			if behavior.ShownBy != nil {
				shown++
			}
		}
		fmt.Fprintf(&b, "| [%s](%s/%s.md) | %d | %d |\n", s.Name, Folder, s.File, len(s.Behaviors), shown)
	}
	return b.String()
}

// Page is the page of a suite.
func (s Suite) Page(experiments []catalog.Experiment) string {
	pages := make(map[string]string)
	for _, e := range experiments {
		pages[e.Test] = fmt.Sprintf("[%s](../%s)", e.Name(), e.Page())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nWhat this suite asserts about our subjects, in our words, and the experiments that show it. Its tests are in\n%s. "+
		"Back to [all suites](../suites.md).\n\n| it asserts | its tests | experiments |\n|---|---|---|\n", s.Name, s.Where)
	for _, behavior := range s.Behaviors {
		var shown []string
		for _, test := range behavior.ShownBy {
			shown = append(shown, pages[test])
		}
		here := strings.Join(shown, ", ")
		if behavior.Because != "" {
			here = strings.TrimPrefix(here+". "+behavior.Because, ". ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", behavior.Asserts, behavior.Tests, here)
	}
	return b.String()
}
