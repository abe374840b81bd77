package gradebook

import (
	"io"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/cli"
)

// The most characters that Exercism accepts: in the output of the student's code, and in the message if nothing could run.
const (
	mostPrinted  = 500
	mostOfErrors = 65_535
)

// writeExercism writes the results as results.json of an Exercism test runner: version 2 of "The Test Runner Interface" in
// Exercism's documentation. Version 3 needs task numbers, which our exercises don't have.
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

// printed is the output of the student's code, as much of it as Exercism accepts.
func printed(text string) string {
	const truncated = "\nOutput was truncated. Please limit to 500 chars."
	if letters := []rune(text); len(letters) > mostPrinted {
		return string(letters[:mostPrinted-len(truncated)]) + truncated
	}
	return text
}
