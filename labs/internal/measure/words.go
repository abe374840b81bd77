package measure

import (
	"cmp"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// Row is a Result in words. Unknown fields are empty.
type Row struct{ Failure, Judgment, What, Nominal, Measured, Rule string }

// InWords is a failure's outcome in words. If it was measured, What is the measured outcome, and Rule is the rule's if that
// differs.
func InWords(r rule.Result) Row {
	outcome, by := ended(r)
	row := Row{Failure: r.Failure, Judgment: r.Judgment, What: ending(outcome, by)}
	if r.By != "" {
		row.Nominal = story.Exactly(r.Nominal)
	}
	if !asExpected(r) {
		row.Rule = ending(r.Outcome, r.By)
	}
	switch {
	case r.MeasuredOutcome == "":
	case r.Measured > 0:
		row.Measured = rough(r)
	case r.MeasuredOutcome == rule.Waiting:
		row.Measured = "still waiting after " + story.Duration(r.Watched)
	default:
		row.Measured = "still served after " + story.Duration(r.Watched)
	}
	return row
}

// Times are the nominal and the measured time, in this order. It leaves out the nominal one if something else happened.
func (r Row) Times() string {
	switch {
	case r.Measured == "" && r.Nominal == "":
		return "not measured"
	case r.Measured == "":
		return r.Nominal + " nominal, not measured"
	case r.Nominal == "" || r.Rule != "":
		return r.Measured
	default:
		return r.Nominal + " nominal, " + r.Measured + " measured"
	}
}

// ByRule is the rule's outcome, and its time; empty if that is what was measured.
func (r Row) ByRule() string {
	switch {
	case r.Rule == "":
		return ""
	case r.Nominal == "":
		return "by the rule: " + r.Rule
	default:
		return "by the rule: " + r.Rule + ", after " + r.Nominal
	}
}

// ended is how our call ended, and what ended it: as measured, or else by the rule.
func ended(r rule.Result) (outcome, by string) {
	if r.MeasuredOutcome != "" {
		return r.MeasuredOutcome, r.MeasuredBy
	}
	return r.Outcome, r.By
}

// asExpected reports whether the measured outcome is the rule's, or nothing was measured.
func asExpected(r rule.Result) bool {
	outcome, by := ended(r)
	return outcome == r.Outcome && by == r.By
}

// ending is how a call ends, in words.
func ending(outcome, by string) string {
	switch {
	case outcome == rule.Waiting:
		return "never noticed"
	case outcome == rule.Served || by == rule.ByPeer || by == "":
		return outcome
	case outcome == rule.Deadline:
		return by
	default:
		return outcome + ", by " + by
	}
}

// cause is what ended a call, or how it ended if the rule does not know the cause.
func cause(r rule.Result) string {
	outcome, by := ended(r)
	return cmp.Or(by, outcome)
}

// rough is the measured time, rounded to three digits or a tenth of a second. It never makes a call seem earlier than the rule
// allows.
func rough(r rule.Result) string {
	const digits = 100 // the least number that has three
	unit := time.Second / 10
	for r.Measured < digits*unit && unit > time.Microsecond {
		unit /= 10
	}
	rounded := r.Measured.Round(unit)
	if r.Measured >= r.Nominal {
		rounded = max(rounded, r.Nominal)
	}
	return story.Exactly(rounded)
}
