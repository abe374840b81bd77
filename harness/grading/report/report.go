// Package report is what a grader and the command labs tell each other: how to start the student's process, and what the
// grader found. The command imports this package, and not that of the graders, which brings the flags of tests with it.
package report

import (
	"encoding/json"
)

// Var is set in the environment of a grader that a command has started. Then standard input is a word that nobody else
// knows: the report is the attribute of the test with the name [Key]. What the student's process prints does not get
// there.
const Var = "LABS_GRADE_REPORT"

// CommandVar has, in the environment of a grader, the command line of the student's process, as a list in JSON. Without
// it the process is the grader's own test binary, which under "go test" has the student's code as well.
const CommandVar = "LABS_STUDENT_COMMAND"

// NotStarted is the exit status of such a command line, on Linux, that could not start the student's process: standard error
// says why. No student's process ends with it.
const NotStarted = 125

// Key is the name of the attribute that is the report.
func Key(nonce string) string { return "report-" + nonce }

// The results of an exercise.
const (
	Passed     = "passed"
	Failed     = "failed"
	NotBegun   = "not begun"
	Impossible = "impossible" // it needs what this machine does not have
	Broken     = "broken"     // this machine could not start the student's process: nobody is judged
)

// Finding is what a grader says about a mistake.
type Finding struct {
	Sentence string `json:"sentence,omitempty"` // of the task: its name
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
	Step    string   `json:"step,omitempty"`   // the one that failed
	Finding *Finding `json:"finding,omitempty"`
	Printed string   `json:"printed,omitempty"` // by the student's code: its beginning
}

// Encode is the report as the value of an attribute.
func (r *Report) Encode() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings always can be said in JSON
	}
	return string(text)
}

// Decode reads such a value.
func Decode(text string) (*Report, error) {
	r := new(Report)
	return r, json.Unmarshal([]byte(text), r)
}
