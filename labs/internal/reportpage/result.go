package reportpage

import (
	"slices"

	"socketlabs/labs/internal/gotest"
)

// result is what became of a test, as it is called on the page.
type result string

const (
	passed   result = "passed"
	failed   result = "failed"
	notEnded result = "did not end"
	skipped  result = "skipped"
	notRun   result = "not run"
)

// results are in the order of what says most: that of an experiment is the first which any kernel gave.
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

// Mark says without words what the result is.
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

// most is the result that says most among some; notRun if there are none.
func most(among []result) result {
	for _, r := range results {
		if slices.Contains(among, r) {
			return r
		}
	}
	return notRun
}
