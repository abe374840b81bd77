package scaffold

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// module is a module with a lab that has an experiment.
func module(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "lab01_x"), 0o777))
	for name, text := range map[string]string{
		"doc.go": "// Package lab01_x asks: what?\n//\n//\t09_ours_test.go   ours\npackage lab01_x\n",
		"09_ours_test.go": "package lab01_x\n\nimport (\n\t\"testing\"\n\n\tfoo \"example.com/foo\"\n)\n\n" +
			"// TestOurs: it works.\n//\n// Claim: T1.\n// Verdict: holds.\nfunc TestOurs(t *testing.T) { foo.Bar() }\n",
	} {
		write(t, filepath.Join(root, "lab01_x", name), text)
	}
	return root
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func TestNewExperimentGetsTheNextNumber(t *testing.T) {
	root := module(t)
	file, err := begin(root, "lab01_x", "DialOverUDP", "")
	require.NoError(t, err)
	assert.Equal(t, "lab01_x/10_dial_over_udp_test.go", file)
	all, err := catalog.Load(root)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "TestDialOverUDP", all[1].Test)
	assert.Equal(t, catalog.Yours, all[1].Verdict)
}

func TestNewExperimentGoesIntoTheFileThatIsNamed(t *testing.T) {
	root := module(t)
	before := read(t, filepath.Join(root, "lab01_x", "09_ours_test.go"))
	file, err := begin(root, "lab01_x", "TestMore", "09_ours_test.go")
	require.NoError(t, err)
	assert.Equal(t, "lab01_x/09_ours_test.go", file)
	text := read(t, filepath.Join(root, "lab01_x", "09_ours_test.go"))
	assert.Contains(t, text, "import (\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n\n\tfoo \"example.com/foo\"\n\t\"github.com/")
	assert.Contains(t, text, before[strings.Index(before, "// TestOurs"):]+"\n// TestMore: ")
	assert.NotContains(t, text, "// func")
}

func TestWhatCantBeStartedIsRefused(t *testing.T) {
	for _, bad := range []struct{ name, file, problem string }{
		{"Ours", "", "there is a TestOurs already, in lab01_x/09_ours_test.go"},
		{"dial-timeout", "", "not a name for an experiment"},
		{"dial", "", "not a name for an experiment"},
		{"", "", "not a name for an experiment"},
		{"Dial", "../x_test.go", "not a name for a file"},
		{"Dial", "x.go", "not a name for a file"},
	} {
		root := module(t)
		_, err := begin(root, "lab01_x", bad.name, bad.file)
		assert.ErrorContains(t, err, bad.problem)
		files, err := os.ReadDir(filepath.Join(root, "lab01_x"))
		require.NoError(t, err)
		assert.Len(t, files, 2, "nothing is written")
	}
}

func TestWhatAnExperimentLacksIsSaid(t *testing.T) {
	root := module(t)
	lines, err := lackingIn(root)
	require.NoError(t, err)
	assert.Empty(t, lines)

	file, err := begin(root, "lab01_x", "Dial", "")
	require.NoError(t, err)
	name := filepath.Join(root, filepath.FromSlash(file))
	text := read(t, name)
	lines, err = lackingIn(root)
	require.NoError(t, err)
	require.Len(t, lines, strings.Count(text, "TODO")+1)
	for i, line := range lines[:len(lines)-1] {
		assert.Regexp(t, `^lab01_x/10_dial_test\.go:\d+: TestDial: [a-z]`, line, i)
		var at int
		_, rest, _ := strings.Cut(line, ":")
		require.NoError(t, json.Unmarshal([]byte(rest[:strings.Index(rest, ":")]), &at))
		assert.Contains(t, strings.Split(text, "\n")[at-1], "TODO", line)
	}
	assert.Equal(t, "lab01_x/doc.go does not list 10_dial_test.go: add a line to its reading order", lines[len(lines)-1])

	// Somebody completes the experiment, at first with a wrong claim.
	doc := filepath.Join(root, "lab01_x", "doc.go")
	write(t, doc, strings.Replace(read(t, doc), "ours\n", "ours\n//\t10_dial_test.go   dial\n", 1))
	text = regexp.MustCompile(`(?s)// TestDial: TODO.*?\nfunc`).ReplaceAllString(text, "// TestDial: it waits.\n//\n// COMMENT\nfunc")
	text = regexp.MustCompile(` *// TODO .*`).ReplaceAllString(text, "")
	for comment, lacks := range map[string][]string{
		"It is mine.":                    {`lab01_x/10_dial_test.go:18: TestDial has no claim: write "Claim: T3." and below it "Verdict: holds.", or "Claim: Beyond the chapter." alone`},
		"Claim: T3.":                     {`lab01_x/10_dial_test.go:18: TestDial: T3 has no verdict: write a line "Verdict: …" below`, `lab01_x/10_dial_test.go:18: TestDial has no claim: write "Claim: T3." and below it "Verdict: holds.", or "Claim: Beyond the chapter." alone`},
		"Claim: T3.\n// Verdict: holds.": nil,
		"Claim: Beyond the chapter.":     nil,
	} {
		write(t, name, strings.Replace(text, "COMMENT", comment, 1))
		lines, err := lackingIn(root)
		require.NoError(t, err)
		assert.Equal(t, lacks, lines, comment)
	}
}

// In each lab, a new experiment compiles and passes beside the existing ones.
func TestNewExperimentPasses(t *testing.T) {
	skip.UnlessChecking(t, "compiles the labs")
	const root = "../../.."
	for _, lab := range []string{"lab01_timeout", "lab02_reuseaddr", "lab03_keepalive", "lab04_compare"} {
		place, err := filepath.Abs(filepath.Join(root, lab, "99_test.go"))
		require.NoError(t, err)
		written := filepath.Join(t.TempDir(), "99_test.go")
		require.NoError(t, add(written, lab, "TestScaffold"))
		overlay := filepath.Join(t.TempDir(), "overlay.json")
		text, err := json.Marshal(map[string]map[string]string{"Replace": {place: written}})
		require.NoError(t, err)
		write(t, overlay, string(text))
		cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-overlay="+overlay, "-v", "-run=^TestScaffold$", "./"+lab)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "--- PASS: TestScaffold")
	}
}
