package grade

import (
	"slices"
	"strings"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/sanitize"
)

// Total is the sum of the earned points, and of all points.
func Total(results []Result) (earned, points int) {
	for _, r := range results {
		earned += r.Earned
		points += r.Points
	}
	return earned, points
}

// Undetected says it if nobody has looked for data races in an exercise that has passed, and why.
func Undetected(results []Result) string {
	for _, r := range results {
		if r.Undetected != "" {
			return "nobody has looked for data races: " + r.Undetected
		}
	}
	return ""
}

// makePlain makes the texts of a result harmless that a student may have written, for every reader and every format.
func (r *Result) makePlain() {
	sanitize.In(&r.Report)
	sanitize.In(&r.Story)
	sanitize.In(&r.Output)
}

// StoryLines are the grader's steps in words.
func (r Result) StoryLines() []string {
	lines := []string{}
	for _, event := range r.Story {
		lines = append(lines, event.String())
	}
	return lines
}

// Lines are the grader's finding on an exercise that did not pass. There are none if it passed.
func (r Result) Lines() (lines []string) {
	switch {
	case r.Result == report.NotBegun || r.Result == report.Impossible:
		return append(lines, strings.TrimSuffix(r.Result+": "+r.Reason, ": "))
	case r.Finding == nil:
		return nil
	}
	lines = []string{
		"step:      " + r.Step,
		"mistake:   " + r.Finding.Mistake,
		"expected:  " + r.Finding.Expected,
		"seen:      " + r.Finding.Seen,
	}
	if r.Step == "" {
		lines = lines[1:]
	}
	if r.Finding.Sentence != "" {
		lines = slices.Insert(lines, 0, "sentence:  "+r.Finding.Sentence+": "+r.Finding.Said)
	}
	if r.Finding.Read != "" {
		lines = append(lines, "read:      go run ./labs show "+r.Finding.Read)
	}
	return append(lines, "a hint:    go run ./labs hint "+r.FullName())
}
