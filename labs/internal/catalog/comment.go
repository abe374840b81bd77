package catalog

import (
	"fmt"
	"regexp"
	"strings"
)

// A comment with such a line must keep our rules. Any other comment is the reader's own.
var isOurs = regexp.MustCompile(`(?m)^(Claim|Verdict|Predict):`)

// readDoc reads the title, the findings and the prediction from a doc comment. labs/docs/CONTRIBUTING.md describes its
// form. A test whose comment has none of our lines is the reader's own.
func (e *Experiment) readDoc(doc string) (err error) {
	if isOurs.MatchString(doc) {
		ours := *e
		if err = ours.readOurs(doc); err == nil {
			*e = ours
			return nil
		}
	}
	title, _, _ := strings.Cut(doc, "\n\n")
	e.Title = strings.TrimPrefix(oneLine(title), e.Test+": ")
	if e.Title == "" {
		e.Title = e.Words()
	}
	e.Verdict, e.Findings, e.Answers = Yours, []Finding{}, []string{}
	return err
}

func (e *Experiment) readOurs(doc string) (err error) {
	doc, question, isAsked := strings.Cut(doc, "\n\n"+asks)
	e.Answers = []string{}
	if isAsked {
		if e.Prediction, err = readPrediction(question); err != nil {
			return err
		}
	}
	doc, e.Origin, _ = strings.Cut(doc, "\n\n"+origin)
	if e.Origin = oneLine(e.Origin); e.Origin != "" && !strings.HasSuffix(e.Origin, ".") {
		return fmt.Errorf("what follows %q should end with a full stop", origin)
	}
	title, rest, _ := strings.Cut(doc, "\n\n")
	title, found := strings.CutPrefix(oneLine(title), e.Test+": ")
	if !found {
		return fmt.Errorf("its comment should begin with %q and what it shows in one sentence", e.Test+": ")
	}
	e.Title = title
	if e.Findings, err = readFindings(rest); err != nil {
		return err
	}
	if len(e.Findings) == 0 {
		e.Verdict = Beyond
	}
	for _, f := range e.Findings {
		e.Verdict = e.Verdict.and(f.Verdict)
	}
	return nil
}

// origin begins the paragraph that names the source of what the experiment itself does not show.
const origin = "Source: "

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
