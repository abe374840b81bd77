package gradebook

import (
	"io"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
)

// The most characters that Exercism takes: of what the student prints, and of what is wrong with all of it.
const (
	mostPrinted  = 500
	mostOfErrors = 65_535
)

// writeExercism writes the results as a test runner of Exercism leaves them in results.json: version 2 of "The Test Runner
// Interface" in its documentation. Version 3 names tasks by their numbers, which ours don't have.
func writeExercism(w io.Writer, g Grading) error {
	type test struct {
		Name    string `json:"name"`
		Status  string `json:"status"`
		Message string `json:"message,omitempty"`
		Output  string `json:"output,omitempty"`
	}
	all := struct {
		Version int    `json:"version"`
		Status  string `json:"status"`
		Message string `json:"message,omitempty"`
		Tests   []test `json:"tests,omitempty"`
	}{Version: 2, Status: "pass"}
	var unrun []string
	for _, r := range g.Results {
		text := strings.Join(r.Lines(), "\n")
		t := test{Name: r.FullName() + ": " + r.Title, Status: "fail", Message: text, Output: printed(r.Output)}
		switch {
		case r.Result == report.Passed:
			t.Status = "pass"
		case r.Result == report.Impossible || r.Took == 0:
			t.Status = "error"
			unrun = append(unrun, r.FullName()+"\n"+text)
		}
		if t.Status != "pass" {
			all.Status = "fail"
		}
		all.Tests = append(all.Tests, t)
	}
	if len(unrun) > 0 && len(unrun) == len(g.Results) {
		all.Status, all.Tests = "error", nil
		all.Message = strings.ToValidUTF8(cut(strings.Join(unrun, "\n\n"), mostOfErrors), "")
	}
	return cli.JSON(w, all)
}

func cut(text string, most int) string { return text[:min(len(text), most)] }

// printed is what the student's code has printed, as much as Exercism takes.
func printed(text string) string {
	const truncated = "\nOutput was truncated. Please limit to 500 chars."
	if letters := []rune(text); len(letters) > mostPrinted {
		return string(letters[:mostPrinted-len(truncated)]) + truncated
	}
	return text
}
