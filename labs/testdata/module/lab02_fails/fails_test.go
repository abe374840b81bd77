package lab02_fails

import (
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
	t.Attr("story", `{"at_ns": 1000000, "lane": "story", "text": "the client writes"}`)
	t.Error("it should have failed")
}
