package catalog

import (
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

const root = "../../.."

// loaded are all experiments. Tests must not change them.
var loaded = sync.OnceValues(func() ([]Experiment, error) { return Load(root) })

// ours are the project's own experiments. A reader's copy may have others.
func ours(t *testing.T) (experiments []Experiment) {
	t.Helper()
	all, err := loaded()
	require.NoError(t, err)
	for _, e := range all {
		if e.Verdict != Yours {
			experiments = append(experiments, e)
		}
	}
	return experiments
}

func TestEveryTitleIsASentence(t *testing.T) {
	for _, e := range ours(t) {
		assert.True(t, strings.HasSuffix(e.Title, "."), "%s: the title is not a sentence: %q", e.Name(), e.Title)
	}
}

func TestEveryClaimHasAnExperiment(t *testing.T) {
	_, err := Claims(ours(t))
	assert.NoError(t, err)
}

func TestTimeOfEveryExperimentIsKnown(t *testing.T) {
	skip.UnlessChecking(t, "is about the record that \"make generate\" makes: a new experiment is not in it yet")
	for _, e := range ours(t) {
		assert.NotEmpty(t, e.KernelTime(), "%s: run \"make generate\"", e.Name())
	}
}

func TestEveryLabAsksAQuestion(t *testing.T) {
	for _, lab := range Labs(root, ours(t)) {
		assert.Regexp(t, `^[a-zA-Z].*\?`, lab.Question, lab.Name)
	}
}

// All files in git are the project's: tests have claims, graders have checksums, and each doc.go lists the files of its folder.
func TestAllThatIsInGitIsHeldToTheRules(t *testing.T) {
	skip.UnlessChecking(t, "is about the project's own tests: what a reader puts into git need not be an experiment")
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "lab[0-9]*/*.go")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err, "git ls-files")
	files := strings.Fields(string(out))
	require.NotEmpty(t, files)
	all, err := loaded()
	require.NoError(t, err)
	for _, e := range all {
		if slices.Contains(files, e.File) {
			assert.NotEqual(t, Yours, e.Verdict, "%s:%d: %s has no claim: write \"Claim: T3.\" and below it \"Verdict: holds.\", or %q",
				e.File, e.Line, e.Test, beyond)
		}
	}
	for _, file := range files {
		folder, name := path.Dir(file), path.Base(file)
		switch {
		case path.Base(folder) == "exercise" && name != studentsFile:
			assert.True(t, isOwn(file), "%s is not in exercises.sum: run \"make generate\"", file)
		case path.Dir(folder) == "." && name != "doc.go":
			assert.Contains(t, listedIn(t, folder), file, "%s/doc.go does not list %s", folder, name)
		}
	}
}

func labs(experiments []Experiment) []string {
	var all []string
	for _, e := range experiments {
		all = append(all, e.Lab)
	}
	return slices.Compact(all)
}

func TestDocCommentsOfAnotherFormAreRefused(t *testing.T) {
	for _, bad := range []struct{ name, doc, problem string }{
		{"no title", "Claim: T1.\nVerdict: holds.", "should begin with"},
		{"another test's title", "TestY: something.\n\nClaim: T1.\nVerdict: holds.", "should begin with"},
		{"no findings", "TestX: something.\n\nVerdict: holds.", "nothing but claims and verdicts"},
		{"a source without an end", "TestX: something.\n\nClaim: T1.\nVerdict: holds.\n\nSource: tcp(7)", "full stop"},
		{"a source before the claim", "TestX: something.\n\nSource: tcp(7).\n\nClaim: T1.\nVerdict: holds.", "nothing but claims and verdicts"},
		{"no prediction", "TestX: something.\n\nClaim: T1.\nVerdict: holds.\n\nPredict: what?", "three or four answers"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			e := Experiment{Test: "TestX"}
			assert.ErrorContains(t, e.readDoc(bad.doc), bad.problem)
		})
	}
}

func TestSourceIsReadFromDocComment(t *testing.T) {
	e := Experiment{Test: "TestX"}
	require.NoError(t, e.readDoc("TestX: something.\n\nClaim: Beyond the chapter.\n\nSource: tcp(7), and\nTestY.\n\n"+
		"Predict: what happens?\n  - [ ] nothing\n  - [x] something\n  - [ ] everything\n"))
	assert.Equal(t, "tcp(7), and TestY.", e.Origin)
	assert.Equal(t, "something", e.Right)
}

// A Source line may name another experiment. That experiment must exist.
func TestExperimentsThatAreNamedExist(t *testing.T) {
	experiments := ours(t)
	named := regexp.MustCompile(`\bTest[A-Z]\w+`)
	for _, e := range experiments {
		says := []string{e.Title, e.Origin}
		for _, f := range e.Findings {
			says = append(says, f.Explanation)
		}
		for _, name := range named.FindAllString(strings.Join(says, " "), -1) {
			assert.True(t, name != e.Test && slices.ContainsFunc(experiments, func(other Experiment) bool { return other.Test == name }),
				"%s names %s, which is no other experiment", e.Name(), name)
		}
	}
}
