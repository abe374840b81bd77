// Package report is what a grader leaves for the command labs: what it found. The command imports this
// package, and not that of the graders, which brings the flags of tests with it.
package report

import (
	"encoding/json"
	"os"
)

// Var names, in the environment, the file in which a grader leaves its report. Each exercise that the
// command grades has one of its own; what the student's code prints decides nothing.
const Var = "LABS_GRADE_REPORT"

// The results of an exercise.
const (
	Passed     = "passed"
	Failed     = "failed"
	NotBegun   = "not begun"
	Impossible = "impossible" // it needs what this machine does not have
)

// Finding is what a grader has to say of a mistake.
type Finding struct {
	Mistake  string `json:"mistake"`        // in the words of the labs
	Expected string `json:"expected"`       // what correct code does here
	Seen     string `json:"seen"`           // what this code did
	Read     string `json:"read,omitempty"` // the experiment that shows it: "lab01_timeout/TestX"
}

// Report is what a grader found.
type Report struct {
	Result  string   `json:"result"`
	Reason  string   `json:"reason,omitempty"` // why it is impossible
	Step    string   `json:"step,omitempty"`   // the one that failed
	Finding *Finding `json:"finding,omitempty"`
}

// Write leaves the report.
func (r *Report) Write(path string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// Read reads a report that a grader has left.
func Read(path string) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Report)
	return r, json.Unmarshal(text, r)
}
