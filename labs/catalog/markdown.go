package catalog

import (
	"fmt"
	"strings"
)

// Markdown gives the claims as the table that the README holds: first the experiments in which a
// claim simply holds, then each of the others with what it says.
func Markdown(claims []Claim, experiments []Experiment) string {
	byName := make(map[string]Experiment)
	for _, e := range experiments {
		byName[e.Name()] = e
	}
	var b strings.Builder
	b.WriteString("| | the chapter's claim | verdict | what shows it |\n|---|---|---|---|\n")
	for _, c := range claims {
		var hold, others []string
		for _, name := range c.Experiments {
			e := byName[name]
			link := fmt.Sprintf("[%s](%s)", e.Test, e.File)
			if e.Verdict == Holds {
				hold = append(hold, link)
			} else {
				others = append(others, link+": "+e.remark())
			}
		}
		shown := others
		if len(hold) > 0 {
			shown = append([]string{strings.Join(hold, ", ")}, others...)
		}
		fmt.Fprintf(&b, "| %s | %s | **%s** | %s |\n", c.ID, c.Claim, c.Verdict.phrase(), strings.Join(shown, "<br>"))
	}
	return b.String()
}

func (v Verdict) phrase() string {
	switch v {
	case Conditional:
		return "holds, with conditions"
	case Refuted:
		return "does not hold"
	default:
		return string(v)
	}
}
