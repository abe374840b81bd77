package submissions

import (
	"archive/zip"
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

var exercises = []catalog.Exercise{
	{Lab: "lab01_timeout", Name: "SendAll"},
	{Lab: "lab01_timeout", Name: "AskWithin"},
	{Lab: "lab03_keepalive", Name: "Serve"},
	{Lab: "lab03_keepalive", Name: "FindVanished"},
	{Lab: "lab04_compare", Name: "Serve"},
	{Lab: "lab04_compare", Name: "NextStep"},
}

const (
	lab1 = "package exercise\n\nfunc SendAll() {}\n\nfunc AskWithin() {}\n"
	lab3 = "package exercise\n\nfunc Serve() {}\n\nfunc FindVanished() {}\n"
	lab4 = "package exercise\n\nfunc Serve() {}\n\nfunc NextStep() {}\n"

	in1 = "lab01_timeout/exercise/exercise.go"
	in3 = "lab03_keepalive/exercise/exercise.go"
)

// files are the contents of a folder or of an archive, by their paths. A path that ends in a slash is an empty folder.
type files map[string]string

func (f files) folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.MkdirAll(path, 0o777))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	return dir
}

func (f files) zipped(t *testing.T) string { return f.archived(t, zip.Deflate) }

// stored is an archive without compression.
func (f files) stored(t *testing.T) string { return f.archived(t, zip.Store) }

func (f files) archived(t *testing.T, method uint16) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write([]byte(f[name]))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return out.String()
}

// asPlatformsLeaveIt are classes in the form that platforms give them, and what is found: the student, the number, and the labs.
func asPlatformsLeaveIt(t *testing.T) map[string]struct {
	class files
	want  []string
} {
	alice := files{in1: lab1, in3: lab3, "README.md": "mine"}
	return map[string]struct {
		class files
		want  []string
	}{
		"a folder for each": {
			files{"alice/" + in1: lab1, "bob/" + in1: lab1, "bob/" + in3: lab3},
			[]string{"alice  lab01", "bob  lab01 lab03"},
		},
		"GitHub Classroom's clones": {
			files{
				"socketlabs-alice/" + in1: lab1, "socketlabs-alice/.git/config": "x", "socketlabs-alice/harness/doc.go": "package harness",
				"socketlabs-alice/labs/internal/catalog/exercises.go": "package catalog", "socketlabs-alice/x/testdata/exercise.go": lab3,
				"socketlabs-bob/" + in1: lab1, "socketlabs-bob/labs/main.go": "package main",
			},
			[]string{"socketlabs-alice  lab01", "socketlabs-bob  lab01"},
		},
		"Gradescope's export": {
			files{
				"assignment_1_export/submission_metadata.yml": "submission_1:\n  :submitters:\n  - :name: 'Ada, Countess'\n    :sid: 007\n    :email: a@x\n  :created_at: 2026-01-01\n" +
					"submission_2:\n  :submitters:\n  - :name: Bo\n    :sid:\n  - :name: Cy\n    :sid: '12'\n",
				"assignment_1_export/submission_1/exercise.go":          lab1,
				"assignment_1_export/submission_2/exercise.go":          lab3,
				"assignment_1_export/submission_2/work/exercise (1).go": lab1,
				"assignment_1_export/submission_2/work/notes.txt":       "hello",
			},
			[]string{"Ada, Countess 007 lab01", "Bo & Cy 12 lab01 lab03"},
		},
		"Moodle's folders": {
			files{
				"Ada Lovelace_4711_assignsubmission_file_/mine.zip":                  alice.zipped(t),
				"Ada Lovelace_4711_assignsubmission_onlinetext_/onlinetext.html":     "<p>please</p>",
				"José Núñez_815_assignsubmission_file/socketlabs/lab1/exercise.go":   lab1,
				"José Núñez_815_assignsubmission_file/socketlabs/lab3/exercise_1.go": lab3,
			},
			[]string{"Ada Lovelace 4711 lab01 lab03", "José Núñez 815 lab01 lab03"},
		},
		"somebody else's name on Gradescope": {
			files{
				"submission_metadata.yml":  "submission_1:\n  :submitters:\n  - :name: Bo\n    :sid: 5\nsubmission_2:\n  :submitters:\n  - :name: Bo\n    :sid: 5\n",
				"submission_1/exercise.go": lab1,
				"submission_2/exercise.go": lab1 + "// x\n",
			},
			[]string{"Bo 5 lab01", "Bo 5 lab01"},
		},
		"somebody else's name on Moodle": {
			files{
				"Bo_5_assignsubmission_file/exercise.go":                            lab1,
				"Bo_5_assignsubmission_file_x_6_assignsubmission_file_/exercise.go": lab1 + "// x\n",
			},
			[]string{"Bo 5 lab01", "Bo_5_assignsubmission_file_x 6 lab01"},
		},
		"Moodle's files without folders": {
			files{
				"Ada Lovelace_4711_assignsubmission_file_exercise.go":                    lab1,
				"Bo_5_assignsubmission_file_all of it.zip":                               alice.zipped(t),
				"Bo_5_assignsubmission_file_Exercise-2.go":                               lab4,
				"Mallory_6_assignsubmission_file_Bo_5_assignsubmission_file_exercise.go": lab3, // tries to get Bo's points
			},
			[]string{"Ada Lovelace 4711 lab01", "Bo 5 lab01 lab03 lab04", "Mallory 6 lab03"},
		},
		"archives": {
			files{"alice.zip": alice.zipped(t), "bob.ZIP": files{"x/y/z.zip": alice.zipped(t)}.zipped(t), "grades.csv": "1,2"},
			[]string{"alice  lab01 lab03", "bob  lab01 lab03"},
		},
		"called otherwise": {
			files{"alice/my solution.go": lab4, "bob/exercise.go": lab1, "bob/solution.go": lab1, "bob/exercise_test.go": lab3},
			[]string{"alice  lab04", "bob  lab01"},
		},
		"text that does not parse": {
			files{"alice/lab 3/exercise.go": "func {", "bob/" + in1: "\xff\xfe"},
			[]string{"alice  lab03", "bob  lab01"},
		},
		"the same file twice": {
			files{"alice/" + in1: lab1, "alice/exercise.go": "package exercise\n\nfunc SendAll() { old() }\n", "bob/a/exercise.go": lab1, "bob/b/exercise.go": lab1},
			[]string{"alice  lab01", "bob  lab01"},
		},
		"a class of one": {files{"alice/" + in1: lab1}, []string{"alice  lab01"}},
		"natural order":  {files{"s10/" + in1: lab1, "s9/" + in1: lab1}, []string{"s9  lab01", "s10  lab01"}},
	}
}

// The submissions of every platform are found, in a folder and in an archive.
func TestSubmissionsAreFound(t *testing.T) {
	for name, of := range asPlatformsLeaveIt(t) {
		for how, class := range map[string]string{
			"a folder":   of.class.folder(t),
			"an archive": filepath.Join(files{"class.zip": of.class.zipped(t)}.folder(t), "class.zip"),
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				found, err := Find(class, exercises)
				require.NoError(t, err)
				var got []string
				for _, s := range found {
					assert.Empty(t, s.Problem, s.Where)
					line := s.Student + " " + s.ID
					for _, lab := range slices.Sorted(maps.Keys(s.Files)) {
						line += " " + lab[:len("lab01")]
					}
					got = append(got, line)
				}
				assert.Empty(t, cmp.Diff(of.want, got), "(-want +got)")
			})
		}
	}
}

// Archives from Windows may have the names of an old code page.
func TestNamesMayBeNoUTF8(t *testing.T) {
	const name = "M\x81ller/\x9abung"
	zipped := files{name + "/exercise.go": lab1}.zipped(t)
	classes := []string{files{"ada.zip": zipped, "bob/" + in1: lab1}.folder(t)}
	unpacked := files{"bob/" + in1: lab1}.folder(t)
	if err := os.MkdirAll(filepath.Join(unpacked, filepath.FromSlash(name)), 0o777); err == nil { // macOS refuses such names
		require.NoError(t, os.WriteFile(filepath.Join(unpacked, filepath.FromSlash(name), "exercise.go"), []byte(lab1), 0o666))
		classes = append(classes, unpacked)
	}
	for _, class := range classes {
		found, err := Find(class, exercises)
		require.NoError(t, err)
		require.Len(t, found, 2)
		for _, s := range found {
			assert.Empty(t, s.Problem)
			assert.Equal(t, lab1, string(s.Files["lab01_timeout"]), s.Student)
		}
	}
}

func TestTextsAreTakenAsTheyAre(t *testing.T) {
	s, err := Read(files{"a/b/exercise (2).go": lab3, "c/" + in1: lab1}.folder(t), exercises)
	require.NoError(t, err)
	assert.Empty(t, s.Problem)
	dir := t.TempDir()
	require.NoError(t, s.Lay(dir))
	for name, want := range map[string]string{in1: lab1, in3: lab3} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
}
