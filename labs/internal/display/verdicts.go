package display

import (
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/term"
)

// Verdicts are the verdicts as colored signs.
var Verdicts = map[catalog.Verdict]term.Mark{
	catalog.Holds:       {Sign: catalog.Holds.Mark(), Color: term.Green},
	catalog.Conditional: {Sign: catalog.Conditional.Mark(), Color: term.Amber},
	catalog.Refuted:     {Sign: catalog.Refuted.Mark(), Color: term.Red},
	catalog.Beyond:      {Sign: catalog.Beyond.Mark(), Color: term.Blue},
	catalog.Yours:       {Sign: catalog.Yours.Mark(), Color: term.Gray},
}

// Legend explains the marks.
func Legend() string {
	var parts []string
	for _, v := range []catalog.Verdict{catalog.Holds, catalog.Conditional, catalog.Refuted, catalog.Beyond} {
		parts = append(parts, Verdicts[v].String()+" "+term.Faint.Render(v.Phrase()))
	}
	return strings.Join(parts, "   ")
}

// Findings are what an experiment finds about its claims, one finding a line.
func Findings(e catalog.Experiment, width int) string {
	if len(e.Findings) == 0 {
		return Verdicts[e.Verdict].String() + " " + e.Verdict.Phrase()
	}
	var lines []string
	for _, f := range e.Findings {
		lines = append(lines, term.Hang(Verdicts[f.Verdict].String()+" ", strings.Join(f.Claims, ", ")+": "+f.Remark(), width))
	}
	return strings.Join(lines, "\n")
}
