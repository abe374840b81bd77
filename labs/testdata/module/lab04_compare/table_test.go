package lab04_compare

import "testing"

// TestDecisionTable: what sees what.
//
// Claim: T3: something.
// Verdict: holds.
func TestDecisionTable(t *testing.T) {
	for _, cell := range []struct{ failure, defence, outcome, judgement string }{
		{"peer is slow", "none", "waiting", "blind"},
		{"peer is slow", "time-out", "deadline after 0.30 s", "right"},
		{"nothing", "none", "served", "right"},
		{"nothing", "time-out", "deadline after 0.30 s", "false alarm"},
	} {
		t.Run(cell.failure+"/"+cell.defence, func(t *testing.T) {
			t.Attr("outcome", cell.outcome)
			t.Attr("judgement", cell.judgement)
		})
	}
}
