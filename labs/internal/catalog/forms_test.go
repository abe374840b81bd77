package catalog

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample has everything that the comment of an experiment can have.
const sample = `package lab01_x

// TestMore: a read
// waits.
//
// Claim: T1, T3.
// Verdict: holds.
// Claim: K1.
// Verdict: holds if so.
func TestMore(t *testing.T) {
	harness.Start(t, link.VanishingPeers, harness.LongTimers)
	wait(least)
}

const (
	least, most = 1, 2 // times
)

func (w waiter) wait() {}

// TestBeyond: it is so.
//
// Claim: Beyond the chapter.
//
// Predict: is it so?
//   - [x] yes
//   - [ ] no
//   - [ ] perhaps
func TestBeyond(t *testing.T) { harness.Start(t) }
`

func TestExperimentIsReadFromItsSource(t *testing.T) {
	files := lab()
	files["lab01_x/more_linux_test.go"] = sample
	files[RecordFile] = `{"lab01_x/TestMore": {"needs": ["LongTimers", "VanishingPeers"], "failures": ["vanished peer"]},
		"lab01_x/TestOurs": {"seconds": 1.5, "needs": [], "failures": ["outage"]}, "lab01_x/TestGone": {"seconds": 1}}`
	files["lab01_x/elsewhere_test.go"] = "package lab01_x\n\nfunc TestMore(t *testing.T) {}\n"
	files["lab02_y/exercise/exercise_test.go"] = "package exercise\n\nfunc TestExercise(t *testing.T) {}\n"
	root := module(t, files)
	got, err := Load(root)
	require.NoError(t, err)
	seconds := 1.5
	want := []Experiment{
		{
			Lab: "lab01_x", Test: "TestMore", Title: "a read waits.", Verdict: Conditional,
			Findings: []Finding{{[]string{"T1", "T3"}, Holds, ""}, {[]string{"K1"}, Conditional, " if so."}},
			Needs:    []string{"LongTimers", "VanishingPeers"}, Failures: []string{"vanished peer"}, Long: true,
			File: "lab01_x/more_linux_test.go", Line: 10, Prediction: Prediction{Answers: []string{}},
		},
		{
			Lab: "lab01_x", Test: "TestBeyond", Title: "it is so.", Verdict: Beyond, Findings: []Finding{}, Needs: []string{}, Failures: []string{},
			File: "lab01_x/more_linux_test.go", Line: 29,
			Prediction: Prediction{"is it so?", []string{"yes", "no", "perhaps"}, "yes"},
		},
		{
			Lab: "lab01_x", Test: "TestOurs", Title: "it works.", Verdict: Holds, Findings: []Finding{{[]string{"T1"}, Holds, ""}},
			Needs: []string{}, Failures: []string{"outage"}, Seconds: &seconds, File: "lab01_x/ours_test.go", Line: 7, Prediction: Prediction{Answers: []string{}},
		},
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
	assert.Equal(t, []string{"T1", "T3", "K1"}, got[0].Claims())

	source, err := got[2].Source(root)
	require.NoError(t, err)
	assert.Equal(t, "// TestOurs: it works.\n//\n// Claim: T1.\n// Verdict: holds.\nfunc TestOurs(t *testing.T) {}\n", source)
	gone := got[2]
	gone.Test = "TestGone"
	_, err = gone.Source(root)
	assert.EqualError(t, err, "lab01_x/ours_test.go: TestGone is gone")
	gone.File = "lab01_x/gone_test.go"
	_, err = gone.Source(root)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestFileThatCantBeReadIsNamed(t *testing.T) {
	root := module(t, lab())
	require.NoError(t, os.Mkdir(filepath.Join(root, "lab01_x", "mine_test.go"), 0o777))
	experiments, err := Load(root)
	assert.ErrorAs(t, err, new(*os.PathError))
	assert.ErrorContains(t, err, "mine_test.go")
	assert.ErrorContains(t, err, "nothing in lab01_x can run")
	assert.Equal(t, []string{"lab01_x/TestOurs"}, names(experiments))
}

func TestRootIsFoundFromWithin(t *testing.T) {
	outer := module(t, map[string]string{
		"go.mod":                "module socketlabs\n\ngo 1.26\n",
		"lab01_x/exercise/a.go": "package exercise\n",
		"other/go.mod":          "module socketlabs/other\n",
		"other/deep/a.go":       "package deep\n",
	})
	for _, from := range []string{".", "lab01_x", "lab01_x/exercise", "other/deep"} {
		got, err := Root(filepath.Join(outer, from))
		require.NoError(t, err, from)
		assert.Equal(t, outer, got, from)
	}
	_, err := Root(filepath.Dir(outer))
	assert.EqualError(t, err, "not inside the socketlabs module: change to its folder first")

	t.Chdir(filepath.Join(outer, "lab01_x"))
	got, err := Root(".")
	require.NoError(t, err)
	assert.Equal(t, outer, got)
}

func TestClaimsAndExperimentsFitTogether(t *testing.T) {
	var all []Experiment
	for _, c := range chapter {
		all = append(all, Experiment{Lab: "lab01_x", Test: "Test" + c.ID, Findings: []Finding{{Claims: []string{c.ID}, Verdict: Holds}}})
	}
	but := Finding{[]string{"T2"}, Conditional, ", but …"}
	claims, err := Claims(append(all, Experiment{Lab: "lab02_y", Test: "TestX", Findings: []Finding{but}}))
	require.NoError(t, err)
	assert.Equal(t, Holds, claims[0].Verdict)
	want := []Shown{{"lab01_x/TestT2", Finding{[]string{"T2"}, Holds, ""}}, {"lab02_y/TestX", but}}
	assert.Empty(t, cmp.Diff(Claim{"T2", chapter[1].Claim, Conditional, want}, claims[1]), "(-want +got)")
	assert.Empty(t, chapter[1].Findings, "the next call begins anew")

	_, err = Claims(append(all[1:], Experiment{Lab: "lab02_y", Test: "TestX", Findings: []Finding{{Claims: []string{"X1", "T2"}}}}))
	assert.EqualError(t, err, "claims: lab02_y/TestX names X1, which is not a claim; T1 has no experiment")
	_, err = Claims(all[1:])
	assert.EqualError(t, err, "claims: T1 has no experiment")
}

func TestVerdictsInWords(t *testing.T) {
	for _, of := range []struct {
		finding              Finding
		phrase, mark, remark string
	}{
		{Finding{Verdict: Holds}, "holds", "✓", "holds"},
		{Finding{Verdict: Conditional, Explanation: ", but not so."}, "holds, with conditions", "≈", "holds, but not so."},
		{Finding{Verdict: Refuted, Explanation: "not at all."}, "does not hold", "✗", "does not hold: not at all."},
		{Finding{Verdict: Beyond}, "beyond the chapter", "+", "beyond the chapter"},
		{Finding{Verdict: Yours}, "yours: no claim", "·", "yours: no claim"},
	} {
		assert.Equal(t, of.phrase, of.finding.Verdict.Phrase())
		assert.Equal(t, of.mark, of.finding.Verdict.Mark())
		assert.Equal(t, of.remark, of.finding.Remark())
	}
}

func TestTableOfClaims(t *testing.T) {
	experiments := []Experiment{
		{Lab: "lab01_x", Test: "TestA", File: "lab01_x/a_test.go"},
		{Lab: "lab01_x", Test: "TestB", File: "lab01_x/b_test.go"},
		{Lab: "lab02_y", Test: "TestC", File: "lab02_y/c_test.go"},
	}
	holds, but := Finding{Verdict: Holds}, Finding{Verdict: Conditional, Explanation: ", but not so."}
	claims := []Claim{
		{"T1", "It is so.", Conditional, []Shown{{"lab01_x/TestA", but}, {"lab01_x/TestB", holds}, {"lab02_y/TestC", holds}}},
		{"T2", "It is not.", Conditional, []Shown{{"lab02_y/TestC", but}}},
		{"T3", "It is.", Holds, []Shown{{"lab02_y/TestC", holds}}},
	}
	assert.Equal(t, `| | the chapter's claim | verdict | what shows it |
|---|---|---|---|
| T1 | It is so. | **holds, with conditions** | [TestB](lab01/b.md#testb), [TestC](lab02/c.md#testc)<br>[TestA](lab01/a.md#testa): holds, but not so. |
| T2 | It is not. | **holds, with conditions** | [TestC](lab02/c.md#testc): holds, but not so. |
| T3 | It is. | **holds** | [TestC](lab02/c.md#testc) |
`, Markdown(claims, experiments))
}

func TestKernelTimeAsFarAsItIsKnown(t *testing.T) {
	for seconds, want := range map[float64]string{0: "< 0.1 s", 0.09: "< 0.1 s", 0.1: "0.1 s", 2.26: "2.3 s"} {
		assert.Equal(t, want, Experiment{Seconds: &seconds}.KernelTime())
	}
	assert.Empty(t, Experiment{}.KernelTime())
	assert.Equal(t, "long", Experiment{Long: true}.KernelTime())
}

func TestRecordThatCantBeReadIsNamed(t *testing.T) {
	files := lab()
	files[RecordFile] = "{"
	experiments, err := Load(module(t, files))
	assert.EqualError(t, err, "labs/internal/catalog/recorded.json: unexpected end of JSON input")
	assert.Equal(t, []string{"lab01_x/TestOurs"}, names(experiments))
}
