package solutions

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

// Every sentence of a task has a check in the grader, and a wrong solution that breaks it. Every check and every wrong
// solution has a sentence. Every exercise has right solutions in more than one style.
func TestMatrixIsWhole(t *testing.T) {
	const leastRight = 2 // in addition to the model
	root, err := catalog.Root(".")
	require.NoError(t, err)
	exercises, err := catalog.Exercises(root)
	require.NoError(t, err)
	checked := make(map[string]map[string]bool) // by lab
	graders := make(map[string]string)          // by lab
	known := make(map[string]map[string]bool)   // by lab
	broken := make(map[string]map[string]bool)  // by lab, the sentences for all exercises
	for _, e := range exercises {
		if checked[e.Lab] == nil {
			graders[e.Lab] = gradersOf(t, root, e)
			checked[e.Lab], known[e.Lab], broken[e.Lab] = checkedIn(graders[e.Lab]), make(map[string]bool), make(map[string]bool)
		}
		own, general := make(map[string]bool), make(map[string]bool)
		for _, s := range e.Rules {
			general[s.ID], known[e.Lab][s.ID] = true, true
		}
		for _, s := range e.Task {
			assert.False(t, own[s.ID] || general[s.ID], "%s: two sentences are called %s", e.Name, s.ID)
			own[s.ID], known[e.Lab][s.ID] = true, true
			assert.Contains(t, graders[e.Lab], `"`+s.ID+`"`, "%s: its grader does not name %s", e.Name, s.ID)
		}
		assert.NotEmpty(t, own, "%s: its task has no sentences", e.Name)
		assert.NotEmpty(t, general, "%s: the comment of its package has no sentences", e.Name)
		wrong := make(map[string]bool)
		for name, m := range mistakesOf(t, e) {
			assert.True(t, own[m.breaks] || general[m.breaks], "%s: %s breaks %s, which the task doesn't have", e.Name, name, m.breaks)
			wrong[m.breaks] = true
			if general[m.breaks] {
				broken[e.Lab][m.breaks] = true
			}
		}
		for id := range own {
			assert.True(t, wrong[id], "%s: no wrong solution breaks %s", e.Name, id)
		}
		assert.GreaterOrEqual(t, len(rightOnes(t, e)), leastRight, "%s: right solutions beside the model", e.Name)
	}
	for _, e := range exercises {
		for _, s := range e.Rules {
			assert.True(t, broken[e.Lab][s.ID], "%s: no wrong solution breaks %s", e.Lab, s.ID)
		}
	}
	for lab, ids := range checked {
		for id := range ids {
			assert.True(t, known[lab][id], "%s: a finding of a grader names %s, which no task has", lab, id)
		}
	}
}

var named = regexp.MustCompile(`Sentence:\s+"([^"]*)"`)

// gradersOf is the source of a lab's graders. They name sentences in findings, and in calls of functions that make findings.
func gradersOf(t *testing.T, root string, e catalog.Exercise) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(e.Folder()), "*_test.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// checkedIn are the sentences that graders name.
func checkedIn(graders string) map[string]bool {
	ids := make(map[string]bool)
	for _, name := range named.FindAllStringSubmatch(graders, -1) {
		ids[name[1]] = true
	}
	return ids
}

// mistakesOf are the wrong solutions of an exercise, by name.
func mistakesOf(t *testing.T, e catalog.Exercise) map[string]mistake {
	t.Helper()
	folder := filepath.Join("testdata", e.Lab, e.Name)
	model, err := os.ReadFile(filepath.Join(folder, "model.go"))
	require.NoError(t, err)
	archive, err := txtar.ParseFile(filepath.Join(folder, "mistakes.txt"))
	require.NoError(t, err)
	all := make(map[string]mistake)
	for _, file := range archive.Files {
		m, err := mistaken(string(model), string(file.Data))
		require.NoError(t, err, "%s: %s", e.Name, file.Name)
		assert.NotContains(t, all, file.Name, "%s: twice", e.Name)
		all[file.Name] = m
	}
	return all
}

// rightOnes are the files of right solutions that work in another way than the model.
func rightOnes(t *testing.T, e catalog.Exercise) (paths []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", e.Lab, e.Name, "right_*.go"))
	require.NoError(t, err)
	return paths
}
