package try

import (
	"encoding/json"
	"fmt"

	"socketlabs/lab04_compare/rule"
)

// Report is what came of a trial.
type Report struct {
	Settings rule.Settings // as the kernel takes them
	Like     *Profile      // nil if the settings are your own alone
	Remarks  []rule.Remark
	Results  []rule.Result
	Kernel   string // of the time machine, if it was asked
	Left     string // what was not measured, and why
}

// IsServer reports whether what is tried dials no connections.
func (r *Report) IsServer() bool { return r.Like != nil && r.Like.Server }

// Head says what is tried.
func (r *Report) Head() string {
	text := r.Settings.String()
	if r.Like != nil {
		text = fmt.Sprintf("%s: %s\n%s\nsource: %s (%s)", r.Like.Name, r.Like.What, text, r.Like.Source, r.Like.Date)
	}
	for _, remark := range r.Remarks {
		text += fmt.Sprintf("\nnote: %s (%s)", remark.Text, remark.Experiment)
	}
	return text + "\n"
}

// Tail is the sum, and what is to be said of how it was measured.
func (r *Report) Tail() []string {
	lines := Sum(r.Results)
	if r.Kernel != "" {
		lines = append(lines, "What takes more than "+spaced(Short)+" was measured in virtual time, on Linux "+r.Kernel+".")
	}
	if r.Left != "" {
		lines = append(lines, r.Left)
	}
	return lines
}

// MarshalJSON gives the settings as the flags that set them, and times in nanoseconds.
func (r *Report) MarshalJSON() ([]byte, error) {
	like, source := "", ""
	if r.Like != nil {
		like, source = r.Like.Name, r.Like.Source+" ("+r.Like.Date+")"
	}
	return json.Marshal(struct {
		Settings string        `json:"settings"`
		Like     string        `json:"like,omitempty"`
		Source   string        `json:"source,omitempty"`
		Remarks  []rule.Remark `json:"remarks,omitempty"`
		Results  []rule.Result `json:"results"`
		Sum      []string      `json:"sum"`
		Kernel   string        `json:"kernel,omitempty"`
		Left     string        `json:"left,omitempty"`
	}{r.Settings.String(), like, source, r.Remarks, r.Results, Sum(r.Results), r.Kernel, r.Left})
}
