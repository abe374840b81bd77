package solutions

import (
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

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

// Builds compute, and graders wait.
const gradersAtOnce = 12

var building = make(chan struct{}, runtime.GOMAXPROCS(0))

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(gradersAtOnce)); err != nil {
		panic(err) // the testing package always defines it
	}
	os.Exit(m.Run())
}

// solution is a file in testdata.
type solution struct {
	name   string // of the mistake; "model"
	path   string
	says   string // words of the grader's; none for a right one
	breaks string // the sentence of the task, by its name
}

// TestGraders: every grader accepts the model solution, and rejects each wrong one by its mistake.
func TestGraders(t *testing.T) {
	skip.UnlessChecking(t, "grades well over a hundred solutions")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	exercises, err := catalog.Exercises(root)
	require.NoError(t, err)
	byLab := make(map[string][]catalog.Exercise)
	for _, e := range exercises {
		byLab[e.Lab] = append(byLab[e.Lab], e)
	}
	for lab, inLab := range byLab {
		t.Run(lab, func(t *testing.T) {
			t.Parallel()
			testLab(t, filepath.Join(root, lab, "exercise"), inLab)
		})
	}
}

// testLab builds the lab's graders as often as its exercise with the most solutions has some: the first
// time with all models, the second with the first wrong solution of every exercise, and so on.
func testLab(t *testing.T, folder string, exercises []catalog.Exercise) {
	solutions := make(map[string][]solution)
	most := 0
	scratch := t.TempDir()
	for _, e := range exercises {
		of := solutionsOf(t, e, scratch)
		solutions[e.Name] = of
		most = max(most, len(of))
	}
	for round := range most {
		t.Run(fmt.Sprint("build ", round), func(t *testing.T) {
			t.Parallel()
			var sources []string
			for _, e := range exercises {
				of := solutions[e.Name]
				if round < len(of) {
					sources = append(sources, of[round].path)
				} else {
					sources = append(sources, of[0].path)
				}
			}
			binary := filepath.Join(scratch, fmt.Sprintf("%d.test", round))
			building <- struct{}{}
			err := grade.Build(t.Context(), folder, sources, nil, binary)
			<-building
			require.NoError(t, err)
			for _, e := range exercises {
				if of := solutions[e.Name]; round < len(of) {
					t.Run(e.Name+"/"+of[round].name, func(t *testing.T) {
						t.Parallel()
						testSolution(t, folder, binary, e, of[round])
					})
				}
			}
		})
	}
}

// testSolution runs one grader.
func testSolution(t *testing.T, folder, binary string, e catalog.Exercise, s solution) {
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^"+e.Grader()+"$", "-test.v", "-test.count=1")
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	switch {
	case strings.Contains(string(out), "--- SKIP") && strings.Contains(string(out), ": needs "):
		skip.Needs(t, "what its grader needs", string(out))
	case s.says == "":
		assert.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "--- PASS: "+e.Grader())
	default:
		assert.Error(t, err, "%s", out)
		assert.Contains(t, string(out), "--- FAIL: "+e.Grader())
		assert.Contains(t, string(out), s.says)
		assert.Contains(t, string(out), "sentence:  "+s.breaks+": ", "the grader did not say which sentence of the task it breaks")
	}
}

// solutionsOf gives the solutions of an exercise: the model first, other right ones, and the wrong ones, which are
// written to scratch.
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
