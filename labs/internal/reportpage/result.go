package reportpage

import (
	"slices"

	"socketlabs/labs/internal/gotest"
)

// result is the result of a test, in the words of the page.
type result string

const (
	passed   result = "passed"
	failed   result = "failed"
	notEnded result = "did not end"
	skipped  result = "skipped"
	notRun   result = "not run"
)

// results are the results by importance: of several kernels, the result of an experiment is the first one in this list.
var results = []result{failed, notEnded, passed, skipped, notRun}

func resultOf(kept string) result {
	switch kept {
	case gotest.Pass:
		return passed
	case gotest.Fail:
		return failed
	case gotest.Skip:
		return skipped
	default:
		return notEnded
	}
}

// Mark is the result as a sign.
func (r result) Mark() string {
	switch r {
	case passed:
		return "✓"
	case failed, notEnded:
		return "✗"
	default:
		return "–"
	}
}

// Class is the result's name in the style sheet.
func (r result) Class() string {
	switch r {
	case passed:
		return "good"
	case failed, notEnded:
		return "bad"
	default:
		return "neutral"
	}
}

// most is the most important of some results; notRun if there are none.
func most(among []result) result {
	for _, r := range results {
		if slices.Contains(among, r) {
			return r
		}
	}
	return notRun
}
