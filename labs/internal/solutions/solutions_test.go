package solutions

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

// TestMain lets many tests run at the same time, because graders wait more than they compute.
const gradersAtOnce = 12

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(gradersAtOnce)); err != nil {
		panic(err) // the testing package always defines it
	}
	os.Exit(m.Run())
}

// solution is a file in testdata.
type solution struct {
	name   string // of the mistake; "model" for the model
	path   string
	says   string // words of the finding; empty for a right solution
	breaks string // the name of the sentence that it breaks
}

// Every grader accepts the model solution, and rejects each wrong solution by its mistake. The test builds only the
// solutions that -run selects.
func TestGraders(t *testing.T) {
	skip.UnlessChecking(t, "grades hundreds of solutions")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	exercises, err := catalog.Exercises(root)
	require.NoError(t, err)
	byLab := make(map[string][]catalog.Exercise)
	for _, e := range exercises {
		byLab[e.Lab] = append(byLab[e.Lab], e)
	}
	var graded []grading
	for lab, inLab := range byLab {
		graded = append(graded, gradingsOf(t, filepath.Join(root, lab, "exercise"), inLab)...)
	}
	selected := make(map[*build]bool)
	for _, g := range graded {
		t.Run(g.exercise.FullName()+"/"+g.name, func(t *testing.T) {
			selected[g.build] = selected[g.build] || g.mayRace()
			t.Parallel() // it continues after this test's function has returned
			testSolution(t, g)
		})
	}
	var builds errgroup.Group
	builds.SetLimit(runtime.GOMAXPROCS(0))
	t.Setenv("CGO_ENABLED", "1") // the race detector needs it on some systems
	for b, race := range selected {
		builds.Go(func() error { return grade.Build(t.Context(), b.folder, b.sources, nil, b.binary, false) })
		if race {
			builds.Go(func() error {
				b.noDetector = grade.Build(t.Context(), b.folder, b.sources, nil, b.race(), true)
				return nil
			})
		}
	}
	require.NoError(t, builds.Wait()) // graders must not run beside compilers, which would make them late
}

// grading is a solution, and the graders that were built with it.
type grading struct {
	solution
	exercise catalog.Exercise
	build    *build
}

// noRace is the sentence that the race detector checks.
const noRace = "no-race"

// passes reports whether the solution breaks no sentence that is checked without the race detector.
func (g grading) passes() bool { return g.breaks == "" || g.breaks == noRace }

// mayRace reports whether the race detector looks at the solution, as under "labs grade".
func (g grading) mayRace() bool { return g.passes() && grade.MayRace(g.path, g.exercise.Name) }

// build is a lab's graders with a solution of each exercise.
type build struct {
	folder  string
	sources []string
	binary  string

	noDetector error // why it can't be compiled with the race detector
}

// race is the same binary with the race detector.
func (b *build) race() string { return b.binary + ".race" }

// gradingsOf are the gradings of a lab. Its graders are built several times, each time with another solution of every exercise:
// first with all models, then with the next solution of each, and so on, until the exercise with the most has no more.
func gradingsOf(t *testing.T, folder string, exercises []catalog.Exercise) (graded []grading) {
	solutions := make(map[string][]solution)
	most := 0
	scratch := t.TempDir()
	for _, e := range exercises {
		of := solutionsOf(t, e, scratch)
		solutions[e.Name] = of
		most = max(most, len(of))
	}
	for round := range most {
		b := &build{folder: folder, binary: filepath.Join(scratch, fmt.Sprintf("%d.test", round))}
		for _, e := range exercises {
			of := solutions[e.Name]
			if round < len(of) {
				b.sources = append(b.sources, of[round].path)
				graded = append(graded, grading{of[round], e, b})
			} else {
				b.sources = append(b.sources, of[0].path)
			}
		}
	}
	return graded
}

// tries is how often a wrong solution is graded until the grader finds its mistake: a busy machine may hide a mistake of timing.
const tries = 3

// testSolution runs one grader, and then once more with the race detector in the student's process, if all else is right.
func testSolution(t *testing.T, g grading) {
	grader := g.exercise.Grader()
	var env []string
	run := func() (said string, err error) {
		cmd := exec.CommandContext(t.Context(), g.build.binary, "-test.run=^"+grader+"$", "-test.v", "-test.count=1")
		cmd.Dir, cmd.Env = g.build.folder, append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	said, err := run()
	if strings.Contains(said, "--- SKIP") && strings.Contains(said, ": needs ") {
		skip.Needs(t, "what its grader needs", said)
	}
	if g.passes() {
		require.NoError(t, err, "%s", said)
		assert.Contains(t, said, "--- PASS: "+grader)
		if !g.mayRace() {
			require.Empty(t, g.says, "the race detector should look at it")
			return
		}
		if g.build.noDetector != nil {
			skip.Needs(t, "a C compiler", "the race detector does: "+g.build.noDetector.Error())
		}
		command, err := json.Marshal([]string{g.build.race()})
		require.NoError(t, err)
		env = []string{report.CommandVar + "=" + string(command), grade.ForDetector}
		said, err = run()
		if g.says == "" {
			assert.NotContains(t, said, noRace)
			assert.NotContains(t, said, "status 66", "a race outside of the solution has ended the process")
			return
		}
	}
	isTold := func() bool {
		return err != nil && strings.Contains(said, g.says) && strings.Contains(said, "sentence:  "+g.breaks+": ")
	}
	for range tries - 1 {
		if isTold() {
			break
		}
		said, err = run()
	}
	assert.Error(t, err, "%s", said)
	assert.Contains(t, said, "--- FAIL: "+grader)
	assert.Contains(t, said, g.says)
	assert.Contains(t, said, "sentence:  "+g.breaks+": ", "the grader did not say which sentence of the task it breaks")
}

// solutionsOf are the solutions of an exercise: first the model, then other right ones, then the wrong ones, which it writes
// to scratch.
func solutionsOf(t *testing.T, e catalog.Exercise, scratch string) []solution {
	folder := filepath.Join("testdata", e.Lab, e.Name)
	all := []solution{{name: "model", path: filepath.Join(folder, "model.go")}}
	for _, path := range rightOnes(t, e) {
		all = append(all, solution{name: strings.TrimSuffix(filepath.Base(path), ".go"), path: path})
	}
	for name, m := range mistakesOf(t, e) {
		path := filepath.Join(scratch, e.Name+"_"+name+".go")
		require.NoError(t, os.WriteFile(path, []byte(m.wrong), 0o666))
		all = append(all, solution{name, path, m.says, m.breaks})
	}
	return all
}
