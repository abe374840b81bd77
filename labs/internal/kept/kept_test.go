package kept

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
)

var began = time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC)

func after(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

// write writes files, by their names with slashes, and their folders.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
}

// add keeps outcomes, each with what the tests have left.
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

// What is read back does not follow links, and so nothing is written through one, wherever it leads.
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
			assert.ErrorContains(t, err, name+" is no folder, and nothing is written through links: remove it")
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
		{Lab: "doctor", Test: "TestMachine", Result: "pass", Began: after(9), Attributes: map[string]string{"is/Go": "go1", "can/Fly": ""}},
		{Lab: "lab01", Test: "TestX", Result: "fail", Began: after(1), Took: 1.25, Says: []string{"    x_test.go:7: no & <no>", "        at all"}},
		{Lab: "lab01", Test: "TestX/part:_1", Began: after(2)},
		{Lab: "lab02", Test: "TestY", Result: "skip", Began: after(0), Says: []string{"    y_test.go:1: needs Wings: fit some"}},
	}
	const record = `{"result": "fail", "events": [{"at_ns": 5, "lane": "wire", "segment": {"meaning": "SYN"}}]}`
	add(t, dir, "", want, map[string]string{storyFile: record, wireFile: "…"})
	add(t, dir, "6.1", want[1:2], nil)

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
	assert.Empty(t, cmp.Diff([]Test{{Outcome: want[1]}}, runs[1].Tests), "(-want +got)")
	assert.Equal(t, "needs Wings: fit some", want[3].Reason())
}

// What a test leaves takes the place of what it and its parts have left before. What others have put there stays.
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

func TestRunsAndTestsAreInOrder(t *testing.T) {
	dir := t.TempDir()
	story := func(seconds int) string {
		return `{"began": "` + after(seconds).Format(time.RFC3339Nano) + `", "result": "pass", "events": [{"at_ns": 1500000000}]}`
	}
	write(t, dir, map[string]string{
		"6.12/lab01/TestX/story.json":         story(0),
		"6.9/lab01/TestX/story.json":          story(0),
		"lab10/TestX/story.json":              story(0),
		"lab02/TestA/story.json":              story(9),
		"lab02/TestB/late/story.json":         story(8),
		"lab02/TestB/early/one/story.json":    story(6),
		"lab02/TestB/early/story.json":        story(5),
		"lab02/TestB/early/two/story.json":    story(9),
		"lab02/TestC/story.json":              story(7),
		"lab02/BenchmarkX/10ms/lateness.json": "[3000, 1000]",
		"lab02/BenchmarkX/9ms/lateness.json":  "[]",
		"lab02/BenchmarkX/9ms/story.json":     "{}",
	})
	runs, err := Read(dir)
	require.NoError(t, err)
	var got []string
	for _, run := range runs {
		got = append(got, "kernel "+run.Kernel)
		for _, test := range run.Tests {
			got = append(got, test.Lab+"/"+test.Test)
			assert.Equal(t, "pass", test.Result)
			assert.Equal(t, 1.5, test.Took)
		}
	}
	assert.Empty(t, cmp.Diff([]string{
		"kernel ",
		"lab02/TestB/early", "lab02/TestB/early/one", "lab02/TestB/early/two", "lab02/TestB/late", "lab02/TestC", "lab02/TestA",
		"lab10/TestX",
		"kernel 6.9", "lab01/TestX",
		"kernel 6.12", "lab01/TestX",
	}, got), "(-want +got)")
	assert.Empty(t, cmp.Diff([]Lateness{
		{Lab: "lab02", Benchmark: "BenchmarkX/9ms", Late: []time.Duration{}},
		{Lab: "lab02", Benchmark: "BenchmarkX/10ms", Late: []time.Duration{3 * time.Microsecond, time.Microsecond}},
	}, runs[0].Lateness), "(-want +got)")
}

// A folder may come from somebody else, and hold more than a page can.
func TestWhatIsTooMuchIsNotRead(t *testing.T) {
	story := func(bytes int) string { return `{"test": "` + strings.Repeat("x", bytes) + `"}` }
	for name, files := range map[string]map[string]string{
		"lab01/TestX/story.json can't be read; run its test again, or remove it: it is larger than 4 MiB": {
			"lab01/TestX/story.json": story(mostOfFile)},
		"lab01/TestX/outcome.json can't be read; run its test again, or remove it: it is larger than 4 MiB": {
			"lab01/TestX/outcome.json": story(mostOfFile)},
		"lab01/BenchmarkX/lateness.json can't be read; run its test again, or remove it: it is larger than 4 MiB": {
			"lab01/BenchmarkX/lateness.json": "[" + strings.Repeat("0,", mostOfFile/2) + "0]"},
	} {
		dir := t.TempDir()
		write(t, dir, files)
		_, err := Read(dir)
		if assert.Error(t, err, name) {
			assert.Contains(t, filepath.ToSlash(err.Error()), name)
		}
	}
	for what, files := range map[string]fstest.MapFS{
		"bytes":   many(9, "lab01/Test%d/story.json", story(mostOfFile-20)),
		"events":  many(11, "lab01/Test%d/story.json", `{"events": [`+strings.Repeat("{},", 9_999)+`{}]}`),
		"timers":  many(11, "lab01/Benchmark%d/lateness.json", "["+strings.Repeat("0,", 9_999)+"0]"),
		"files":   many(3, "lab01/Test%d/outcome.json", "{}"),
		"folders": many(6, "lab01/Test%d/x", ""),
		"depth":   many(1, "lab%d/TestX"+strings.Repeat("/x", deepest)+"/outcome.json", "{}"),
	} {
		r := &reader{dir: "kept", files: files, runs: make(map[string]*Run)}
		if strings.HasPrefix(what, "f") {
			r.count = mostFiles - 5 // as if so many had been there already
		}
		assert.EqualError(t, r.all(), "kept holds more than a page can show, which is 32 MiB, 20000 files and folders, "+
			"100000 events and timers, 20 folders below each other: remove some folders", what)
	}
}

// A folder that is not ours may be as large as it is.
func TestWhatNoTestHasLeftIsPassedOver(t *testing.T) {
	r := &reader{dir: "kept", files: many(99, "mine/%d/x/y/z", ""), runs: make(map[string]*Run), count: mostFiles}
	require.NoError(t, r.all())
	assert.Empty(t, r.runs)
}

// many gives files the same text: their names have a number.
func many(n int, name, text string) fstest.MapFS {
	files := make(fstest.MapFS)
	for i := range n {
		files[fmt.Sprintf(name, i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestWhatCanNotBeReadIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"lab01/TestX/outcome.json":          "no JSON",
		"lab01/TestX/part/story.json":       `{"events": [`,
		"6.1/lab01/TestX/story.json":        "[]",
		"lab01/BenchmarkX/1s/lateness.json": `["late"]`,
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{name: text})
		_, err := Read(dir)
		assert.ErrorContains(t, err, filepath.Join(dir, filepath.FromSlash(name))+" can't be read; run its test again, or remove it: ")
	}

	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "lab01", "TestX", outcomeFile), 0o777))
	_, err := Read(dir)
	assert.ErrorContains(t, err, "this is no file")

	dir = t.TempDir()
	_, err = Read(dir)
	assert.EqualError(t, err, dir+` holds nothing that "labs run --keep" has left`)

	missing := filepath.Join(dir, "missing")
	_, err = Read(missing)
	assert.ErrorContains(t, err, missing)
}

// A folder may come from somebody else: neither what its files say nor a link leads out of it.
func TestNothingOutsideIsRead(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"TestSecret/outcome.json": `{"says": ["secret"]}`})
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"lab01/TestX/outcome.json": `{"lab": "../../etc", "test": "../passwd", "result": "pass"}`,
		"lab01/TestX/story.json":   `{"test": "../../passwd"}`,
	})
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			skip.Needs(t, "symbolic links", err.Error())
		}
	}
	link(outside, "lab02")
	runs, err := Read(dir)
	require.NoError(t, err)
	want := []Test{{Outcome: Outcome{Lab: "lab01", Test: "TestX", Result: "pass"}, Story: &story.Record{Test: "../../passwd"}}}
	assert.Empty(t, cmp.Diff(want, runs[0].Tests), "(-want +got)")

	require.NoError(t, os.Mkdir(filepath.Join(dir, "lab01", "TestY"), 0o777))
	link(filepath.Join(outside, "TestSecret", outcomeFile), "lab01/TestY/outcome.json")
	_, err = Read(dir)
	assert.ErrorContains(t, err, filepath.Join(dir, "lab01", "TestY", outcomeFile))
}
