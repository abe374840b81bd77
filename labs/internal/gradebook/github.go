package gradebook

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"socketlabs/labs/internal/grade"
)

// writeGitHub writes the results for the log of a workflow on GitHub, with the same two notices as the grading reporter of
// GitHub Classroom: GitHub puts them into the text of the check run. If the runner asks for a job summary, writeGitHub also
// writes one: "Workflow commands for GitHub Actions".
func writeGitHub(w io.Writer, g Grading) error {
	var total struct {
		Earned int `json:"totalPoints"`
		Points int `json:"maxPoints"`
	}
	total.Earned, total.Points = grade.Total(g.Results)
	data, err := json.Marshal(total)
	if err != nil {
		return err
	}
	// A finding may repeat the output of a student's code. The runner must not take it for commands.
	resume := rand.Text()
	fmt.Fprintf(w, "::stop-commands::%s\n", resume)
	for _, r := range g.Results {
		fmt.Fprintf(w, "%s: %d of %d\n", r.FullName(), r.Earned, r.Points)
		for _, line := range r.Lines() {
			fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(line, "\n", "\n  "))
		}
	}
	fmt.Fprintf(w, "::%s::\n", resume)
	fmt.Fprintf(w, "::notice title=Autograding complete::Points %d/%d\n", total.Earned, total.Points)
	_, err = fmt.Fprintf(w, "::notice title=Autograding report::%s\n", data)
	return cmp.Or(err, addSummary(os.Getenv("GITHUB_STEP_SUMMARY"), g))
}

// mostOfSummary is how many bytes a summary may have. GitHub shows nothing of a larger one.
const mostOfSummary = 1 << 20

// addSummary adds the results to the file that the runner names, as Markdown.
func addSummary(file string, g Grading) (err error) {
	if file == "" {
		return nil
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "## Points\n\n%s.\n\n| exercise | points | |\n|---|---:|---|\n", g.summary())
	for _, r := range g.Results {
		const growth, beside = 5, 100 // a sign becomes 5 bytes; the other cells, and the mark of what is cut
		said := strings.Join(r.Lines(), "\n")
		if most := (mostOfSummary/len(g.Results) - beside) / growth; len(said) > most {
			said = strings.ToValidUTF8(cut(said, most), "") + "…"
		}
		fmt.Fprintf(&text, "| %s | %d of %d | %s |\n", r.FullName(), r.Earned, r.Points, inCell(said))
	}
	text.WriteString("\n")
	_, err = io.WriteString(out, text.String())
	return errors.Join(err, out.Close())
}

// plain replaces the characters that Markdown or HTML would take for markup.
var plain = strings.NewReplacer(asEntities("&<>\"'|`*_[]~\\#!:@")...)

func asEntities(signs string) (pairs []string) {
	for _, sign := range signs {
		pairs = append(pairs, string(sign), fmt.Sprintf("&#%d;", sign))
	}
	return append(pairs, "\n", "<br>")
}

// inCell is text for a cell of a Markdown table, without markup.
func inCell(text string) string { return plain.Replace(text) }
