package lab03_broken

import "testing"

// TestNothing: nothing.
//
// Claim: T3.
// Verdict: holds.
func TestNothing(t *testing.T) {
	undefined()
	alsoUndefined()
}
