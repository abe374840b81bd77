package solutions

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/timemachine"
)

// In a guest, the graders that need Linux have the right verdicts: they accept each model, and in each lab, reject a mistake in
// one exercise by the sentence that it breaks. A test of package grade compares the other graders with this machine's.
func TestGuestGradesLinuxOnlyExercises(t *testing.T) {
	skip.UnlessChecking(t, "grades in QEMU")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	kernels, err := timemachine.Kernels(t.Context())
	if len(kernels) == 0 {
		skip.Needs(t, "a kernel", err.Error())
	}
	root, err := catalog.Root(".")
	require.NoError(t, err)
	all, err := catalog.Exercises(root)
	require.NoError(t, err)
	var chosen, first []catalog.Exercise                                     // all that need Linux, and the first of each lab
	models, mistakes := make(map[string][]string), make(map[string][]string) // by lab
	breaks := make(map[string]string)                                        // by exercise: the sentence that its mistake breaks
	for _, e := range all {
		model, err := os.ReadFile(filepath.Join("testdata", e.Lab, e.Name, "model.go"))
		require.NoError(t, err)
		wrong := string(model)
		if e.Linux {
			chosen = append(chosen, e)
			if len(first) == 0 || first[len(first)-1].Lab != e.Lab {
				first = append(first, e)
				all := mistakesOf(t, e)
				m := all[slices.Min(slices.Collect(maps.Keys(all)))]
				wrong, breaks[e.FullName()] = m.wrong, m.breaks
			}
		}
		models[e.Lab], mistakes[e.Lab] = append(models[e.Lab], string(model)), append(mistakes[e.Lab], wrong)
	}
	require.Len(t, first, 3)
	graded := func(files map[string][]string, chosen []catalog.Exercise) []grade.Result {
		folder := t.TempDir()
		for lab, sources := range files {
			file := filepath.Join(folder, lab, "exercise", "exercise.go")
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
			require.NoError(t, os.WriteFile(file, []byte(inOneFile(t, sources)), 0o666))
		}
		task := grade.Task{Root: root, Student: folder, Exercises: chosen, Guest: &kernels[len(kernels)-1],
			Limits: grade.Limits{Time: 2 * time.Minute, Output: 8 << 20, Memory: 512 << 20}}
		results, err := task.Do(t.Context(), func(grade.Result) {})
		require.NoError(t, err)
		require.Len(t, results, len(chosen))
		return results
	}
	for _, r := range graded(models, chosen) {
		assert.Equal(t, report.Passed, r.Result, "the model of %s: %+v", r.FullName(), r.Finding)
	}
	for _, r := range graded(mistakes, first) {
		if assert.NotNil(t, r.Finding, "%s %s", r.FullName(), r.Result) {
			assert.Equal(t, breaks[r.FullName()], r.Finding.Sentence, "%s: %+v", r.FullName(), r.Finding)
		}
	}
}

// inOneFile combines solutions, a file for each exercise, into the one file of a lab that a student hands in.
func inOneFile(t *testing.T, sources []string) string {
	t.Helper()
	imports := make(map[string]bool)
	var rest strings.Builder
	for _, source := range sources {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "", source, parser.ImportsOnly)
		require.NoError(t, err)
		end := file.Name.End()
		for _, declared := range file.Decls {
			end = declared.End()
			for _, spec := range declared.(*ast.GenDecl).Specs {
				imports[source[spec.Pos()-1:spec.End()-1]] = true
			}
		}
		rest.WriteString(source[end-1:])
	}
	text := "package exercise\n"
	for line := range imports {
		text += "import " + line + "\n"
	}
	return text + rest.String()
}
