package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// module writes files to a new module of labs, and returns its folder.
func module(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	return root
}

// lab is the files of a lab with one experiment of the project, TestOurs.
func lab() map[string]string {
	return map[string]string{
		"lab01_x/doc.go":       "// Package lab01_x asks: what?\npackage lab01_x\n",
		"lab01_x/ours_test.go": "package lab01_x\n\n// TestOurs: it works.\n//\n// Claim: T1.\n// Verdict: holds.\nfunc TestOurs(t *testing.T) {}\n",
	}
}

func TestTestsWithoutOurCommentAreTheReaders(t *testing.T) {
	for _, of := range []struct {
		name, file, text string
		titles           []string // of the reader's tests
	}{
		{"no comment", "mine_test.go", "func TestMine(t *testing.T) {}", []string{"TestMine: mine"}},
		{"a comment", "mine_test.go", "// TestMine: a read\n// waits.\n//\n// More of it.\nfunc TestMine(t *testing.T) {}", []string{"TestMine: a read waits."}},
		{"a comment of another kind", "mine_test.go", "// for Tuesday\nfunc TestMine(t *testing.T) {}", []string{"TestMine: for Tuesday"}},
		{"the shortest name", "mine_test.go", "func Test(t *testing.T) {}", []string{"Test: test"}},
		{"an example", "mine_test.go", "func Example_mine() {\n\t// Output:\n}", []string{"Example_mine: example mine"}},
		{"an example that does not run", "mine_test.go", "func Example_mine() {}", nil},
		{"helpers", "helpers_test.go", "func testdata() {}\nfunc Testify() {}\nfunc (x T) TestX(t *testing.T) {}\nfunc TestMain(m *testing.M) {}", nil},
		{"an editor's file", ".#mine_test.go", "func TestMine(t *testing.T) {}", nil},
		{"a file that was put aside", "_mine_test.go", "func TestMine(t *testing.T) {}", nil},
		{"after ours", "ours_test.go", lab()["lab01_x/ours_test.go"] + "func TestMine(t *testing.T) {}", []string{"TestMine: mine"}},
	} {
		t.Run(of.name, func(t *testing.T) {
			files := lab()
			text, _ := strings.CutPrefix(of.text, "package lab01_x\n")
			files["lab01_x/"+of.file] = "package lab01_x\n\n" + text
			root := module(t, files)
			experiments, err := Load(root)
			require.NoError(t, err)
			var titles []string
			for _, e := range experiments {
				if e.Verdict != Yours {
					assert.Equal(t, "TestOurs", e.Test)
					continue
				}
				titles = append(titles, e.Test+": "+e.Title)
				source, err := e.Source(root)
				require.NoError(t, err)
				assert.Contains(t, source, "func "+e.Test)
			}
			assert.Equal(t, of.titles, titles)
			assert.Contains(t, names(experiments), "lab01_x/TestOurs")
		})
	}
}

func names(experiments []Experiment) (names []string) {
	for _, e := range experiments {
		names = append(names, e.Name())
	}
	return names
}

// If a file does not parse, only its broken part is missing.
func TestBrokenFilesAreNamed(t *testing.T) {
	for _, of := range []struct{ name, text, problem string }{
		{"empty", "", "lab01_x/mine_test.go:1:1: expected 'package'"},
		{"half a test", "package lab01_x\n\nfunc TestMine(t *testing.T) {", "lab01_x/mine_test.go:3:30: expected"},
		{"not Go", "Dear diary,\n", "lab01_x/mine_test.go:1:1: expected 'package'"},
		{"not text", "\xff\xfep\x00a\x00", "lab01_x/mine_test.go:1: this is not UTF-8 text; save it as UTF-8; until that is fixed, nothing in lab01_x can run"},
		{"broken claim", "package lab01_x\n\n// TestMine: it works.\n//\n// Claim: mine.\n// Verdict: holds.\nfunc TestMine(t *testing.T) {}\n", `lab01_x/mine_test.go:7: TestMine: "mine." should be numbers`},
		{"question alone", "package lab01_x\n\n// TestMine: it works.\n//\n// Predict: what?\nfunc TestMine(t *testing.T) {}\n", `lab01_x/mine_test.go:6: TestMine: `},
	} {
		t.Run(of.name, func(t *testing.T) {
			files := lab()
			files["lab01_x/mine_test.go"] = of.text
			files["lab02_mine/mine_test.go"] = "package lab02_mine\n\nfunc TestMine(t *testing.T) {}\n"
			root := module(t, files)
			experiments, err := Load(root)
			require.ErrorContains(t, err, of.problem)
			assert.NotContains(t, err.Error(), "\n", "one line")
			assert.Subset(t, names(experiments), []string{"lab01_x/TestOurs", "lab02_mine/TestMine"})
			for _, e := range experiments {
				assert.Equal(t, e.Name() == "lab01_x/TestOurs", e.Verdict != Yours, e.Name())
				_, err := e.SourceWithUsed(root)
				assert.NoError(t, err)
			}
			assert.Equal(t, []Lab{{"lab01_x", "what?"}, {"lab02_mine", ""}}, Labs(root, experiments))
		})
	}
}

// While somebody types, a file may end at any place.
func TestUnfinishedFilesAreReadAsFarAsTheyGo(t *testing.T) {
	skip.UnlessChecking(t, "reads a file after each letter")
	for end := range len(sample) {
		files := lab()
		files["lab01_x/mine_test.go"] = sample[:end]
		root := module(t, files)
		experiments, _ := Load(root)
		require.Contains(t, names(experiments), "lab01_x/TestOurs")
		for _, e := range experiments {
			_, err := e.SourceWithUsed(root)
			require.NoError(t, err)
		}
	}
}

// A module is read even if the name of its folder contains characters of patterns.
func TestModuleMayBeAnywhere(t *testing.T) {
	files := make(map[string]string)
	for name, text := range lab() {
		files["[a-z]/"+name] = text
	}
	experiments, err := Load(filepath.Join(module(t, files), "[a-z]"))
	require.NoError(t, err)
	assert.Equal(t, []string{"lab01_x/TestOurs"}, names(experiments))
}
