package lab04_compare

import "testing"

// TestDecisionTable: what sees what.
//
// Claim: T3, T4, T5, T6, T7, T8, T9, R1, R2, R3, R4, R5, R6, R7, R8, R9, K1, K2, K3, K4, K5, K6, K7, K8, K9, C1, C2, C3, C4.
// Verdict: holds.
func TestDecisionTable(t *testing.T) {
	for _, cell := range []struct{ failure, defense, outcome, judgment string }{
		{"peer is slow", "none", "waiting", "blind"},
		{"peer is slow", "timeout", "deadline after 0.30 s", "right"},
		{"nothing", "none", "served", "right"},
		{"nothing", "timeout", "deadline after 0.30 s", "false alarm"},
	} {
		t.Run(cell.failure+"/"+cell.defense, func(t *testing.T) {
			t.Attr("outcome", cell.outcome)
			t.Attr("judgment", cell.judgment)
		})
	}
}
