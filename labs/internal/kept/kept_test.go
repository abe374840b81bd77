package kept

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
)

var began = time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC)

func after(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

// write writes files and their folders. The names have slashes.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
}

// add keeps outcomes, with the artifacts that the tests have left.
func add(t *testing.T, dir, kernel string, outcomes []Outcome, left map[string]string) {
	t.Helper()
	folder, err := Create(dir, kernel)
	require.NoError(t, err)
	for _, o := range outcomes {
		artifacts := filepath.Join(folder.Artifacts, "random")
		require.NoError(t, os.Mkdir(artifacts, 0o777))
		write(t, artifacts, left)
		require.NoError(t, folder.Replace(o, []Left{{o, artifacts}}))
		require.NoError(t, os.RemoveAll(artifacts))
	}
	require.NoError(t, folder.Close())
}

// Read does not follow links, so nothing is written through a link, wherever it leads.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	o := Outcome{Lab: "lab01", Test: "TestX/part", Result: "pass"}
	for _, link := range []string{"lab01", "lab01/TestX", "lab01/TestX/part", "6.1", "6.1/lab01"} {
		for _, to := range []string{"outside", "inside"} {
			dir, elsewhere := t.TempDir(), t.TempDir()
			if to == "inside" {
				elsewhere = filepath.Join(dir, "mine")
				require.NoError(t, os.Mkdir(elsewhere, 0o777))
			}
			name := filepath.Join(dir, filepath.FromSlash(link))
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
			target := elsewhere
			if to == "inside" {
				relative, err := filepath.Rel(filepath.Dir(name), elsewhere)
				require.NoError(t, err)
				target = relative
			}
			if err := os.Symlink(target, name); err != nil {
				skip.Needs(t, "symbolic links", err.Error())
			}
			kernel := ""
			if strings.HasPrefix(link, "6.1") {
				kernel = "6.1"
			}
			folder, err := Create(dir, kernel)
			require.NoError(t, err)
			err = folder.Replace(o, []Left{{Outcome: o}})
			assert.ErrorContains(t, err, name+" is not a folder, and nothing is written through links: remove it")
			require.NoError(t, folder.Close())
			files, err := os.ReadDir(elsewhere)
			require.NoError(t, err)
			assert.Empty(t, files, "%s leads to it", link)
		}
	}
}

func TestOutcomesComeBack(t *testing.T) {
	dir := t.TempDir()
	want := []Outcome{
		{Lab: "lab01", Test: "TestX", Result: "fail", Began: after(1), Took: 1.25, Says: []string{"    x_test.go:7: no & <no>", "        at all"}},
		{Lab: "lab01", Test: "TestX/part:_1", Began: after(2)},
		{Lab: "lab02", Test: "TestY", Result: "skip", Began: after(0), Says: []string{"    y_test.go:1: needs Wings: fit some"}},
		{Lab: "machinetest", Test: "TestMachine", Result: "pass", Began: after(9), Attributes: map[string]string{"is/Go": "go1", "can/Fly": ""}},
	}
	const record = `{"result": "fail", "events": [{"at_ns": 5, "lane": "wire", "segment": {"meaning": "SYN"}}]}`
	add(t, dir, "", want, map[string]string{storyFile: record, wireFile: "…"})
	add(t, dir, "6.1", want[:1], nil)

	runs, err := Read(dir)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	assert.Equal(t, []string{"", "6.1"}, []string{runs[0].Kernel, runs[1].Kernel})
	var got []Outcome
	for _, test := range runs[0].Tests {
		got = append(got, test.Outcome)
		require.Len(t, test.Story.Events, 1)
		assert.Equal(t, story.Meaning("SYN"), test.Story.Events[0].Segment.Meaning)
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
	assert.Empty(t, cmp.Diff([]Test{{Outcome: want[0]}}, runs[1].Tests), "(-want +got)")
	assert.Equal(t, "needs Wings: fit some", want[2].Reason())
}

// What a test leaves replaces what the test and its subtests left before. Other files there stay.
func TestNothingOldIsLeftBesideTheNew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"lab01/TestX/story.json":         "{}",
		"lab01/TestX/part/outcome.json":  "{}",
		"lab01/TestX/part/wire.pcapng":   "…",
		"lab01/TestX/notes.txt":          "mine",
		"lab01/TestXX/story.json":        "{}",
		"lab01/BenchmarkZ/lateness.json": "[1]",
	})
	add(t, dir, "", []Outcome{{Lab: "lab01", Test: "TestX", Result: "skip"}, {Lab: "lab01", Test: "BenchmarkZ"}}, nil)

	runs, err := Read(dir)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	assert.Empty(t, runs[0].Lateness)
	require.Len(t, runs[0].Tests, 2)
	assert.Equal(t, "skip", runs[0].Tests[0].Result)
	assert.Nil(t, runs[0].Tests[0].Story)
	assert.Equal(t, "TestXX", runs[0].Tests[1].Test)
	assert.FileExists(t, filepath.Join(dir, "lab01", "TestX", "notes.txt"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "only the lab: %v", entries)
}
