package rule

import "time"

// Result is the outcome of a failure, predicted and measured.
type Result struct {
	Settings string `json:"settings"`
	Failure  string `json:"failure"`

	// Predicted by the rule. By is empty if nothing ends our call.
	By        string        `json:"by,omitempty"`
	Outcome   string        `json:"outcome"`
	Nominal   time.Duration `json:"nominal,omitempty"` // in nanoseconds, like all durations here
	NotBefore time.Duration `json:"not_before,omitempty"`
	NotAfter  time.Duration `json:"not_after,omitempty"` // on a machine that is not busy; 0 if nothing is sure to end the call

	// Measured. MeasuredOutcome is empty if nothing was measured.
	MeasuredBy      string        `json:"measured_by,omitempty"`
	MeasuredOutcome string        `json:"measured_outcome,omitempty"`
	Measured        time.Duration `json:"measured,omitempty"`
	Watched         time.Duration `json:"watched"` // how long we watch, at least, if the call does not end
	Judgment        string        `json:"judgment,omitempty"`
}

// AttrKey is the name of the attribute in which the experiment gives a Result, as JSON.
const AttrKey = "yours"

// Expect returns the Result of a failure before it is measured.
func Expect(set Settings, s System, f Failure) Result {
	p := Predict(set, s, f)
	r := Result{Settings: set.String(), Failure: f.Name, Outcome: p.Outcome(), Watched: p.watch(max(set.Longest(), f.IdleTimeout))}
	if len(p.Events) > 0 {
		first := p.Events[0]
		r.By, r.Nominal, r.NotBefore = first.By, first.After, first.NotBefore
		r.NotAfter, _ = p.NotAfter()
	}
	return r
}

// watch returns how long to watch a call: until the event that is sure to end it must have come, even if it is late. If no
// event is sure to end the call, watch returns a time after which every timer should have fired.
func (p Prediction) watch(longest time.Duration) time.Duration {
	const least, more = 2 * time.Second, 1 * time.Second
	if end, isSure := p.NotAfter(); isSure {
		return end + more
	}
	for _, e := range p.Events { // an event may count from a moment after our call began
		longest = max(longest, 2*e.NotAfter)
	}
	longest = max(longest, least)
	return longest + longest/7 + more
}
