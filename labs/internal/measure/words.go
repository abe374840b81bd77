package measure

import (
	"fmt"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// Row is a Result in words. What is not known is empty.
type Row struct{ Failure, Judgment, What, Nominal, Measured string }

// InWords says what became of a failure.
func InWords(r rule.Result) Row {
	row := Row{Failure: r.Failure, Judgment: r.Judgment, What: outcome(r)}
	if r.By != "" {
		row.Nominal = story.Exactly(r.Nominal)
	}
	switch {
	case r.MeasuredOutcome == "":
	case r.Measured > 0:
		row.Measured = rough(r.Measured)
	case r.MeasuredOutcome == rule.Waiting:
		row.Measured = "still waiting after " + rough(r.Watched)
	default:
		row.Measured = "still served after " + rough(r.Watched)
	}
	return row
}

// Times are both times, as they stand beside each other.
func (r Row) Times() string {
	switch {
	case r.Measured == "" && r.Nominal == "":
		return "not measured"
	case r.Measured == "":
		return r.Nominal + " nominal, not measured"
	case r.Nominal == "":
		return r.Measured
	default:
		return r.Nominal + " nominal, " + r.Measured + " measured"
	}
}

func outcome(r rule.Result) string {
	switch {
	case r.Outcome == rule.Waiting:
		return "never noticed"
	case r.Outcome == rule.Served:
		return "served"
	case r.By == rule.ByPeer:
		return r.Outcome
	case r.Outcome == rule.Deadline:
		return r.By
	default:
		return r.Outcome + ", by " + r.By
	}
}

// rough is a measured time, as precise as it is worth.
func rough(d time.Duration) string {
	if d < 10*time.Second {
		return story.Duration(d.Round(10 * time.Millisecond))
	}
	return story.Tenths(d)
}

// Sum says, in words, how long a dead peer can hold you, what is never noticed, and what healthy peer is dropped.
func Sum(results []rule.Result) (lines []string) {
	for _, of := range []struct {
		call rule.Call
		text string
	}{
		{rule.Idle, "A dead peer holds an idle connection"},
		{rule.Answer, "A dead peer holds a connection with data in flight"},
		{rule.Connect, "A host that does not answer holds a connect"},
	} {
		if worst := longest(results, of.call); worst != nil {
			lines = append(lines, of.text+" "+held(*worst)+".")
		}
	}
	var unnoticed, dropped []string
	for _, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		switch {
		case r.Outcome == rule.Waiting:
			unnoticed = append(unnoticed, r.Failure)
		case f.Healthy && r.Outcome != rule.Served:
			dropped = append(dropped, fmt.Sprintf("%s (%s, after %s)", r.Failure, r.By, story.Exactly(r.Nominal)))
		}
	}
	if len(unnoticed) > 0 {
		lines = append(lines, "Never noticed: "+strings.Join(unnoticed, "; ")+".")
	}
	if len(dropped) > 0 {
		lines = append(lines, "Healthy, and dropped: "+strings.Join(dropped, "; ")+".")
	}
	return lines
}

// longest is the row of a dead peer that holds such a call longest.
func longest(results []rule.Result, call rule.Call) (worst *rule.Result) {
	for i, r := range results {
		f, _ := rule.FailureNamed(r.Failure)
		if f.IsDead() && f.Call == call && (worst == nil || worst.By != "" && (r.By == "" || r.Nominal > worst.Nominal)) {
			worst = &results[i]
		}
	}
	return worst
}

func held(r rule.Result) string {
	if r.By == "" {
		return fmt.Sprintf("forever (%s)", r.Failure)
	}
	text := fmt.Sprintf("for %s at the longest (%s; %s)", story.Exactly(r.Nominal), r.Failure, r.By)
	if r.Measured > 0 {
		text += ", measured " + rough(r.Measured)
	}
	return text
}
