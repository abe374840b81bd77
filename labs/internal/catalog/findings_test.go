package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerdictBelongsToItsClaim(t *testing.T) {
	found, err := readFindings(`Claim: T3, T8.
Verdict: holds.
Claim: T5.
Verdict: holds if
somebody asks.
Claim: T1.
Verdict: holds, but not the converse.
Claim: K1.
Verdict: does not hold: not at all.
`)
	require.NoError(t, err)
	want := []Finding{
		{[]string{"T3", "T8"}, Holds, ""},
		{[]string{"T5"}, Conditional, " if somebody asks."},
		{[]string{"T1"}, Conditional, ", but not the converse."},
		{[]string{"K1"}, Refuted, "not at all."},
	}
	assert.Empty(t, cmp.Diff(want, found), "(-want +got)")
	assert.Equal(t, "holds if somebody asks.", found[1].Remark())
	assert.Equal(t, "holds, but not the converse.", found[2].Remark())
	assert.Equal(t, "does not hold: not at all.", found[3].Remark())
}

// An error about a finding says what to write.
func TestFindingsOfAnotherFormAreRefused(t *testing.T) {
	for _, bad := range []struct{ name, paragraph, problem string }{
		{"nothing", "", "nothing but claims and verdicts"},
		{"no claim", "Verdict: holds.", "nothing but claims and verdicts"},
		{"text before", "And so on.\nClaim: T1.\nVerdict: holds.", "nothing but claims and verdicts"},
		{"claims without numbers", "Claim: whatever.\nVerdict: holds.", `"whatever." should be numbers`},
		{"claims with words", "Claim: T1: a claim.\nVerdict: holds.", `"T1: a claim." should be numbers`},
		{"several claims with words", "Claim: T1, T2: a\nclaim.\nVerdict: holds.", `"T1, T2: a claim." should be numbers`},
		{"no full stop after claims", "Claim: T1\nVerdict: holds.", `"T1" should be numbers`},
		{"one claim twice in a line", "Claim: T1, T1.\nVerdict: holds.", "each once"},
		{"one claim twice", "Claim: T1.\nVerdict: holds.\nClaim: T1.\nVerdict: holds if so.", "T1 has two verdicts"},
		{"no verdict", "Claim: T1.", "T1 has no verdict"},
		{"one verdict missing", "Claim: T1.\nClaim: T2.\nVerdict: holds.", "T1 has no verdict"},
		{"vague verdict", "Claim: T1.\nVerdict: mostly.", `"mostly." is not a verdict`},
		{"holding without more", "Claim: T1.\nVerdict: holds", `"holds" is not a verdict`},
		{"another word", "Claim: T1.\nVerdict: holdsome.", `"holdsome." is not a verdict`},
		{"refuted without a reason", "Claim: T1.\nVerdict: does not hold.", `"does not hold." is not a verdict`},
		{"no full stop", "Claim: T1.\nVerdict: holds if so", "and a full stop"},
		{"condition for two", "Claim: T1, T2.\nVerdict: holds if so.", "is for T1, T2: only"},
		{"reason for two", "Claim: T1, T2.\nVerdict: does not hold: no.", "is for T1, T2: only"},
		{"text below", "Claim: T1.\nVerdict: holds.\n\nAnd so on.", "a paragraph of their own"},
		{"verdict on nothing", "Claim: Beyond the chapter.\nVerdict: holds.", "has no verdict"},
		{"also beyond", "Claim: T1.\nVerdict: holds.\nClaim: Beyond the chapter.", "has no verdict"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			_, err := readFindings(bad.paragraph)
			assert.ErrorContains(t, err, bad.problem)
		})
	}
}

func TestVerdictOfManyFindings(t *testing.T) {
	for _, of := range []struct {
		name     string
		verdicts []Verdict
		want     Verdict
	}{
		{"all hold", []Verdict{Holds, Holds}, Holds},
		{"one has a condition", []Verdict{Holds, Conditional, Holds}, Conditional},
		{"some hold, some don't", []Verdict{Refuted, Holds}, Conditional},
		{"none holds", []Verdict{Refuted, Refuted}, Refuted},
	} {
		t.Run(of.name, func(t *testing.T) {
			var all Verdict
			for _, v := range of.verdicts {
				all = all.and(v)
			}
			assert.Equal(t, of.want, all)
		})
	}
}
