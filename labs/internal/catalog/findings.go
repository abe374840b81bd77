package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Verdict says whether a claim holds.
type Verdict string

const (
	Holds       Verdict = "holds"
	Conditional Verdict = "conditional" // "holds if …", "holds on …", "holds, but …"
	Refuted     Verdict = "refuted"     // "does not hold: …"
	Beyond      Verdict = "beyond"      // the chapter does not mention it
	Yours       Verdict = "yours"       // of a reader's own test, which has no comment of ours
)

// and combines two verdicts: if they differ, the result is Conditional. An empty verdict combines with any other.
func (v Verdict) and(next Verdict) Verdict {
	if v == "" || v == next {
		return next
	}
	return Conditional
}

// Finding is a verdict of an experiment, and the claims that it is for. Only the verdict "holds." can be for several claims.
type Finding struct {
	Claims      []string `json:"claims"` // ids
	Verdict     Verdict  `json:"verdict"`
	Explanation string   `json:"explanation"` // the condition, or why the claim does not hold
}

// Remark is the verdict in words, with its condition or its reason.
func (f Finding) Remark() string {
	switch f.Verdict {
	case Conditional:
		return "holds" + f.Explanation
	case Refuted:
		return "does not hold: " + f.Explanation
	default:
		return f.Verdict.Phrase()
	}
}

// How the lines of findings begin in a doc comment, and the line that replaces them if there are none.
const (
	toClaim     = "Claim: "
	withVerdict = "Verdict: "
	beyond      = "Claim: Beyond the chapter."
)

var claimID = regexp.MustCompile(`^[A-Z][0-9]+$`)

// readFindings reads the findings from their paragraph: pairs of lines, Claim and Verdict. A verdict may be wrapped.
// An experiment beyond the chapter has none.
func readFindings(paragraph string) ([]Finding, error) {
	found := []Finding{}
	paragraph = strings.TrimSpace(paragraph)
	if paragraph == beyond {
		return found, nil
	}
	if strings.Contains(paragraph, beyond) {
		return nil, fmt.Errorf("an experiment beyond the chapter has no verdict: write only %q", beyond)
	}
	if strings.Contains(paragraph, "\n\n") {
		return nil, errors.New("claims and verdicts should be a paragraph of their own, followed only by Source and Predict: remove what follows them")
	}
	first, pairs, _ := strings.Cut("\n"+paragraph, "\n"+toClaim)
	if first != "" || pairs == "" {
		return nil, fmt.Errorf(`after its title there should be nothing but claims and verdicts: write "Claim: T3." `+
			`and below it "Verdict: holds.", as often as needed, or %q alone`, beyond)
	}
	for pair := range strings.SplitSeq(pairs, "\n"+toClaim) {
		of, says, _ := strings.Cut(pair, "\n"+withVerdict)
		f, err := readFinding(oneLine(of), oneLine(says))
		if err != nil {
			return nil, err
		}
		for _, other := range found {
			for _, id := range f.Claims {
				if slices.Contains(other.Claims, id) {
					return nil, fmt.Errorf("%s has two verdicts: write one, with its condition", id)
				}
			}
		}
		found = append(found, f)
	}
	return found, nil
}

func readFinding(claims, verdict string) (f Finding, err error) {
	ids, isEnded := strings.CutSuffix(claims, ".")
	for id := range strings.SplitSeq(ids, ", ") {
		if !isEnded || !claimID.MatchString(id) || slices.Contains(f.Claims, id) {
			return f, fmt.Errorf(`%q should be numbers of claims, each once, and no words: write "Claim: T3." or "Claim: T3, T5."`, claims)
		}
		f.Claims = append(f.Claims, id)
	}
	if verdict == "" {
		return f, fmt.Errorf(`%s has no verdict: write a line "Verdict: …" below`, ids)
	}
	if f.Verdict, f.Explanation = readVerdict(verdict); f.Verdict == "" {
		return f, fmt.Errorf(`%q is not a verdict: write "holds.", "holds …." with a condition ("holds if", "holds on", "holds, but"), `+
			`or "does not hold: ….", and a full stop`, verdict)
	}
	if f.Verdict != Holds && len(f.Claims) > 1 {
		return f, fmt.Errorf("one verdict with a condition or a reason is for %s: only \"holds.\" may be for several claims; "+
			"write a Claim and a Verdict for each of them", ids)
	}
	return f, nil
}

// readVerdict splits a verdict into its kind and its explanation. The kind is empty if the text is not a verdict.
func readVerdict(text string) (v Verdict, explanation string) {
	if !strings.HasSuffix(text, ".") {
		return "", ""
	}
	if text == "holds." {
		return Holds, ""
	}
	if reason, found := strings.CutPrefix(text, "does not hold: "); found {
		return Refuted, reason
	}
	condition, found := strings.CutPrefix(text, "holds")
	if found && (strings.HasPrefix(condition, " ") || strings.HasPrefix(condition, ", ")) {
		return Conditional, condition
	}
	return "", ""
}
