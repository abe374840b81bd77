package find

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

func TestSymptomsNameExperiments(t *testing.T) {
	t.Parallel()
	experiments, _ := load(t)
	byTest := make(map[string]catalog.Experiment)
	labs := make(map[string]int) // number of symptoms
	for _, e := range experiments {
		byTest[e.Test] = e
		labs[e.Lab] = 0
	}
	for _, s := range Symptoms() {
		for _, test := range s.ShownBy {
			assert.Contains(t, byTest, test, "%q is shown by a test that is not there", s.Sees)
		}
		assert.Contains(t, labs, s.Lab, "symptoms/%s.txt is for no lab", s.Lab)
		labs[s.Lab]++
	}
	for lab, symptoms := range labs {
		assert.Positive(t, symptoms, "%s has no symptom", lab)
	}
}

// Each part of a symptom is read alone: in search results, and on the page.
func TestPartsOfSymptomsAreSentences(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, s := range Symptoms() {
		for _, part := range []string{s.Sees, s.Means, s.Do} {
			assert.Regexp(t, `^\S.*[.?]$`, part)
			assert.NotRegexp(t, `^(It|They|This|That|These|Those|Its|Their) `, part, "a pronoun needs its noun")
		}
		assert.False(t, seen[s.Sees], "%q is there twice", s.Sees)
		seen[s.Sees] = true
	}
}

func TestBrokenSymptomsAreRefused(t *testing.T) {
	t.Parallel()
	const whole = "Sees: a.\nMeans: b\n    c.\nShown by: TestD, TestE\nDo: f."
	all, err := readSymptoms(whole + "\n\n" + whole + "\nError: g\nAlso: h, i\n")
	require.NoError(t, err)
	want := Symptom{Sees: "a.", Means: "b c.", ShownBy: []string{"TestD", "TestE"}, Do: "f."}
	require.Len(t, all, 2)
	assert.Equal(t, want, all[0])
	want.Error, want.Also = "g", "h, i"
	assert.Equal(t, want, all[1])

	for broken, says := range map[string]string{
		strings.Replace(whole, "Do", "Does", 1):   `"Does" is not a field`,
		strings.Replace(whole, "\nDo: f.", "", 1): "needs Sees, Means, Shown by, Do",
		strings.Replace(whole, "    c", "c", 1):   `"c." is not a field`,
	} {
		_, err := readSymptoms(broken)
		assert.ErrorContains(t, err, says)
	}
}

func TestPageOfSymptomsIsWhole(t *testing.T) {
	t.Parallel()
	experiments, _ := load(t)
	page := SymptomsMarkdown(experiments)
	assert.Less(t, len(page), 100_000)
	for _, s := range Symptoms() {
		for _, part := range append([]string{s.Sees, s.Error, s.Means, s.Do}, s.ShownBy...) {
			assert.Contains(t, page, part)
		}
	}
	for _, link := range linksIn(page) {
		file, _, _ := strings.Cut(link, "#")
		assert.FileExists(t, filepath.Join(root, "labs", "docs", filepath.FromSlash(file)))
	}
}

func linksIn(page string) (links []string) {
	for _, rest := range strings.Split(page, "](")[1:] {
		link, _, _ := strings.Cut(rest, ")")
		links = append(links, link)
	}
	return links
}

// The text of an error is one that an experiment has really received.
func TestErrorsOfSymptomsAreThoseOfExperiments(t *testing.T) {
	skip.UnlessChecking(t, "runs the experiments that the symptoms name")
	experiments, _ := load(t)
	said := saidBy(t, experiments)
	for _, s := range Symptoms() {
		isSaid := slices.ContainsFunc(s.ShownBy, func(test string) bool { return strings.Contains(said[test], s.Error) })
		assert.True(t, isSaid, "%q: none of %v has got the error %q", s.Sees, s.ShownBy, s.Error)
	}
}

// saidBy runs the experiments whose symptoms have an error, and returns the errors and texts of their stories, by test.
func saidBy(t *testing.T, experiments []catalog.Experiment) map[string]string {
	t.Helper()
	var tests, folders []string
	for _, s := range Symptoms() {
		if s.Error != "" {
			tests = append(tests, s.ShownBy...)
		}
	}
	for _, e := range experiments {
		if slices.Contains(tests, e.Test) {
			folders = append(folders, "./"+e.Lab)
		}
	}
	kept := t.TempDir()
	args := []string{"-count=1", "-artifacts", "-outputdir=" + kept, "-run=^(" + strings.Join(tests, "|") + ")$"}
	skipped := ""
	err := gotest.Do(t.Context(), root, append(args, slices.Compact(folders)...), func(e gotest.Event) {
		if e.Action == gotest.Skip && isShort(experiments, e.Test) {
			skipped = e.Test
		}
	})
	require.NoError(t, err)
	if skipped != "" {
		skip.Needs(t, "all experiments that have errors", skipped+` can't run here; "go run ./labs doctor" says why`)
	}

	said := make(map[string]string)
	require.NoError(t, filepath.WalkDir(kept, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "story.json" {
			return err
		}
		file, err := os.Open(path)
		require.NoError(t, err)
		defer file.Close()
		record, err := story.ReadJSON(file)
		require.NoError(t, err)
		test, _, _ := strings.Cut(record.Test, "/")
		for _, e := range record.Events {
			said[test] += e.Error + "\n" + e.Text + "\n"
		}
		return nil
	}))
	return said
}

// isShort reports whether a test is an experiment that does not take minutes.
func isShort(experiments []catalog.Experiment, test string) bool {
	return slices.ContainsFunc(experiments, func(e catalog.Experiment) bool { return e.Test == test && !e.Long })
}
