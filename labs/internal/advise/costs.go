package advise

import (
	"fmt"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// costs says which live peers the settings drop because they are slow.
func costs(set rule.Settings) string {
	var all []string
	for _, of := range []struct{ failure, text string }{
		{"peer stops reading", "a peer that does not read is dropped after %s (%s)"},
		{"slow answer", "an answer that takes longer than %s is cut off (%s)"},
	} {
		f, _ := rule.FailureNamed(of.failure)
		if p := rule.Predict(set, rule.Default(), f); len(p.Events) > 0 {
			all = append(all, fmt.Sprintf(of.text, story.Exactly(p.Events[0].After), p.Events[0].By))
		}
	}
	return strings.Join(all, "; ")
}
