package find

import (
	"fmt"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// SymptomsMarkdown returns the symptoms as a page. Its links lead to the pages of the experiments, relative to its folder.
func SymptomsMarkdown(experiments []catalog.Experiment) string {
	pages := make(map[string]string)
	for _, e := range experiments {
		pages[e.Test] = e.Page()
	}
	var b strings.Builder
	b.WriteString("# Symptoms\n\nWhat you may see, what it means, which experiment shows it, and what to do. " +
		"`go run ./labs find WORDS` searches this page and all experiments.\n")
	lab := ""
	for _, s := range Symptoms() {
		if s.Lab != lab {
			lab = s.Lab
			fmt.Fprintf(&b, "\n## %s\n", lab)
		}
		var links []string
		for _, test := range s.ShownBy {
			links = append(links, fmt.Sprintf("[%s](%s)", test, pages[test]))
		}
		fmt.Fprintf(&b, "\n### %s\n\n", s.Sees)
		if s.Error != "" {
			fmt.Fprintf(&b, "**Error:** `%s`\n\n", s.Error)
		}
		fmt.Fprintf(&b, "**Means:** %s\n\n**Shown by:** %s\n\n**Do:** %s\n", s.Means, strings.Join(links, ", "), s.Do)
	}
	return b.String()
}
