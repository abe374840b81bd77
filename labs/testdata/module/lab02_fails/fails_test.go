package lab02_fails

import (
	"fmt"
	"testing"
)

// TestWriteFails: a write fails.
//
// Claim: T3.
// Verdict: holds.
//
// Predict: what becomes of a write?
//   - [x] it fails
//   - [ ] it succeeds
//   - [ ] it waits
func TestWriteFails(t *testing.T) {
	fmt.Fprintln(t.Output(), "   0.001 s  story   the client writes")
	t.Error("it should have failed")
}
