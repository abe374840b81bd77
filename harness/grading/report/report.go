// Package report is what a grader and the command labs tell each other: how to start the student's process, and what the
// grader found. The command imports only this package: package grading would bring the flags of go test with it.
package report

import (
	"encoding/json"
)

// Var is set in the environment of a grader that the command has started. The grader then reads a secret word from its
// standard input. The report is the test's attribute whose name has this word in it: see [Key]. So the student's code
// can't forge a report.
const Var = "LABS_GRADE_REPORT"

// CommandVar is set in the environment of a grader to the command line of the student's process, as a JSON list. If it is
// not set, the student's process runs the grader's own test binary, which under "go test" contains the student's code.
const CommandVar = "LABS_STUDENT_COMMAND"

// NotStarted is the exit status of the command line in [CommandVar], on Linux, if it could not start the student's
// process: standard error says why. No student's process ends with this status.
const NotStarted = 125

// Key is the name of the attribute that has the report.
func Key(nonce string) string { return "report-" + nonce }

// The results of an exercise.
const (
	Passed     = "passed"
	Failed     = "failed"
	NotBegun   = "not begun"
	Impossible = "impossible" // it needs something that this machine does not have
	Broken     = "broken"     // this machine could not start the student's process: the code is not judged
)

// Finding is what a grader says about a mistake.
type Finding struct {
	Sentence string `json:"sentence,omitempty"` // the name of the sentence of the task
	Said     string `json:"said,omitempty"`     // the sentence itself
	Mistake  string `json:"mistake"`            // in the words of the labs
	Expected string `json:"expected"`           // what correct code does here
	Seen     string `json:"seen"`               // what this code did
	Read     string `json:"read,omitempty"`     // the experiment that shows it: "lab01_timeout/TestX"
}

// Report is what a grader found.
type Report struct {
	Result  string   `json:"result"`
	Reason  string   `json:"reason,omitempty"` // why it is impossible, or broken
	Step    string   `json:"step,omitempty"`   // the step that failed
	Finding *Finding `json:"finding,omitempty"`
	Printed string   `json:"printed,omitempty"` // the beginning of what the student's code printed
}

// Encode returns the report as the value of an attribute.
func (r *Report) Encode() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return string(text)
}

// Decode reads what Encode has returned.
func Decode(text string) (*Report, error) {
	r := new(Report)
	return r, json.Unmarshal([]byte(text), r)
}
