package try

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/measure"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/view"
)

// report is the settings that were tried, and their results.
type report struct {
	Settings  rule.Settings // as the kernel takes them
	Like      *profile      // nil if all settings are the user's own
	Changed   []string      // flags that replace settings of the profile
	Middlebox time.Duration
	Remarks   []rule.Remark
	Results   []rule.Result
	Kernel    string   // of the time machine, if it was used
	Left      []string // what was not measured, and why

	allInGuest bool // everything was measured in the guest, also what takes some seconds
}

// isServer reports whether the program is a server, which dials no connections.
func (r *report) isServer() bool { return r.Like != nil && r.Like.Server }

// head says what is tried.
func (r *report) head() string {
	text := r.Settings.String()
	if r.Like != nil {
		changed := ""
		if r.Changed != nil {
			changed = "\nchanged by you: " + strings.Join(r.Changed, " ")
		}
		text = fmt.Sprintf("%s: %s%s\n%s\nsource: %s (%s)", r.Like.Name, r.Like.what(), changed, text, r.Like.Source, r.Like.Date)
	}
	for _, remark := range r.Remarks {
		text += fmt.Sprintf("\nnote: %s (%s)", remark.Text, remark.Experiment)
	}
	return text
}

// print prints the table, and the sum in words.
func (r *report) print(s *term.Screen) {
	width := s.Width()
	fmt.Fprintf(s, "\n%s", r.table(width))
	if len(r.Results) > 0 {
		fmt.Fprintf(s, "\n%s\n\n", view.Legend(width))
	}
	fmt.Fprintln(s, wrapped(strings.Join(r.tail(), "\n"), width))
}

// table has a line for each row, and another line if the rule says something else.
func (r *report) table(width int) string {
	var lines strings.Builder
	for _, result := range r.Results {
		row := measure.InWords(result)
		left := fmt.Sprintf("%s %-34s %s", view.Judged(row.Judgment), row.Failure, row.What)
		fmt.Fprintln(&lines, term.Spread(left, term.Faint.Render(row.Times()), width))
		if byRule := row.ByRule(); byRule != "" {
			fmt.Fprintln(&lines, term.Hang("  ", term.Faint.Render(byRule), width))
		}
	}
	return lines.String()
}

// sum is the sum of the results, and the notes on the program.
func (r *report) sum() []string {
	lines := measure.Sum(r.Results)
	if r.Like != nil {
		lines = append(lines, r.Like.notes(r.Results)...)
	}
	return lines
}

// tail is the sum, and remarks on how it was measured.
func (r *report) tail() []string {
	lines := r.sum()
	for _, result := range r.Results {
		if f, _ := rule.FailureNamed(result.Failure); f.IdleTimeout > 0 {
			lines = append(lines, fmt.Sprintf("The idle timeout of the middlebox is %s (--box).", story.Exactly(r.Middlebox)))
		}
	}
	if r.Kernel != "" {
		what := "What takes more than " + story.Exactly(measure.Short)
		if r.allInGuest {
			what = "All of it"
		}
		lines = append(lines, fmt.Sprintf("%s was measured in virtual time, on Linux %s.", what, r.Kernel))
	}
	return append(lines, r.Left...)
}

// MarshalJSON encodes the settings as the flags that set them, and times in seconds.
func (r *report) MarshalJSON() ([]byte, error) {
	like, source := "", ""
	if r.Like != nil {
		like, source = r.Like.Name, r.Like.Source+" ("+r.Like.Date+")"
	}
	rows := []row{}
	for _, result := range r.Results {
		rows = append(rows, rowOf(result))
	}
	return json.Marshal(struct {
		Settings  string        `json:"settings"`
		Like      string        `json:"like,omitempty"`
		Source    string        `json:"source,omitempty"`
		Changed   []string      `json:"changed,omitempty"`
		Middlebox float64       `json:"middlebox"`
		Remarks   []rule.Remark `json:"remarks,omitempty"`
		Results   []row         `json:"results"`
		Sum       []string      `json:"sum"`
		Kernel    string        `json:"kernel,omitempty"`
		Left      []string      `json:"left,omitempty"`
	}{r.Settings.String(), like, source, r.Changed, r.Middlebox.Seconds(), r.Remarks, rows, r.sum(), r.Kernel, r.Left})
}

// row is a result for programs. Times are in seconds; 0 means that there is none.
type row struct {
	Failure  string  `json:"failure"`
	Judgment string  `json:"judgment"` // empty if it was not measured
	ByRule   ending  `json:"by_rule"`
	Latest   float64 `json:"latest"` // by the rule, on a machine that is not busy
	Measured *ending `json:"measured"`
	Watched  float64 `json:"watched"` // for at least this long, if the call did not end
}

// ending is how a call ends, what ends it, and when.
type ending struct {
	Outcome string  `json:"outcome"`
	By      string  `json:"by,omitempty"`
	After   float64 `json:"after"`
}

func rowOf(r rule.Result) row {
	row := row{r.Failure, r.Judgment, ending{r.Outcome, r.By, r.Nominal.Seconds()}, r.NotAfter.Seconds(), nil, r.Watched.Seconds()}
	if r.MeasuredOutcome != "" {
		row.Measured = &ending{r.MeasuredOutcome, r.MeasuredBy, r.Measured.Seconds()}
	}
	return row
}
