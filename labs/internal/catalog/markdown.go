package catalog

import (
	"fmt"
	"strings"
)

// Markdown returns the claims as the table in labs/docs/claims.md. Of each claim it lists first the experiments in which it
// simply holds, then the others, each with its condition or reason.
func Markdown(claims []Claim, experiments []Experiment) string {
	byName := make(map[string]Experiment)
	for _, e := range experiments {
		byName[e.Name()] = e
	}
	var b strings.Builder
	b.WriteString("| | the chapter's claim | verdict | what shows it |\n|---|---|---|---|\n")
	for _, c := range claims {
		var hold, others []string
		for _, f := range c.Findings {
			e := byName[f.By]
			link := fmt.Sprintf("[%s](%s)", e.Test, e.Page())
			if f.Verdict == Holds {
				hold = append(hold, link)
			} else {
				others = append(others, link+": "+f.Remark())
			}
		}
		shown := others
		if len(hold) > 0 {
			shown = append([]string{strings.Join(hold, ", ")}, others...)
		}
		fmt.Fprintf(&b, "| %s | %s | **%s** | %s |\n", c.ID, c.Claim, c.Verdict.Phrase(), strings.Join(shown, "<br>"))
	}
	return b.String()
}

// Phrase is the verdict in words.
func (v Verdict) Phrase() string {
	switch v {
	case Conditional:
		return "holds, with conditions"
	case Refuted:
		return "does not hold"
	case Beyond:
		return "beyond the chapter"
	case Yours:
		return "yours: no claim"
	default:
		return string(v)
	}
}

// Mark is the verdict as a sign, for where there is no room for a word.
func (v Verdict) Mark() string {
	switch v {
	case Holds:
		return "✓"
	case Conditional:
		return "≈"
	case Refuted:
		return "✗"
	case Yours:
		return "·"
	default:
		return "+"
	}
}
