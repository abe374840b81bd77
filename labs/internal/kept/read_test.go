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

// A folder may come from somebody else, and contain more than a page can show.
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
		"bytes":   many(2, "lab01/Test%d/story.json", story(600)),
		"events":  many(2, "lab01/Test%d/story.json", `{"events": [`+strings.Repeat("{},", 59)+`{}]}`),
		"timers":  many(2, "lab01/Benchmark%d/lateness.json", "["+strings.Repeat("0,", 59)+"0]"),
		"files":   many(3, "lab01/Test%d/outcome.json", "{}"),
		"folders": many(6, "lab01/Test%d/x", ""),
		"depth":   many(1, "lab%d/TestX"+strings.Repeat("/x", deepest)+"/outcome.json", "{}"),
	} {
		r := &reader{dir: "kept", files: files, runs: make(map[string]*Run)}
		switch what { // as if so much had been read before
		case "bytes":
			r.bytes = mostOfAll - 1000
		case "events", "timers":
			r.events = mostEvents - 100
		case "files", "folders":
			r.count = mostFiles - 5
		}
		assert.EqualError(t, r.all(), "kept holds more than a page can show, which is 32 MiB, 20000 files and folders, "+
			"100000 events and timers, 20 nested folders: remove some folders", what)
	}
}

// A folder without tests may have any size.
func TestWhatNoTestHasLeftIsPassedOver(t *testing.T) {
	r := &reader{dir: "kept", files: many(99, "mine/%d/x/y/z", ""), runs: make(map[string]*Run), count: mostFiles}
	require.NoError(t, r.all())
	assert.Empty(t, r.runs)
}

// many is n files with the same text. Their names have a number.
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
	assert.ErrorContains(t, err, "this is not a file")

	dir = t.TempDir()
	_, err = Read(dir)
	assert.EqualError(t, err, dir+` holds nothing that "labs run --keep" has left`)

	missing := filepath.Join(dir, "missing")
	_, err = Read(missing)
	assert.ErrorContains(t, err, missing)
}

// A folder may come from somebody else. Neither the contents of its files nor a link makes Read leave it.
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
