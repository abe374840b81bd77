package submissions

import (
	"archive/zip"
	"bytes"
	"io/fs"
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

func (f files) zipped(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		w, err := archive.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(f[name]))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return out.String()
}

// asPlatformsLeaveIt are classes as platforms leave them, and what is found: the student, the number, and the labs.
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
				"socketlabs-alice/labs/internal/exam/exercises.go": "package exam", "socketlabs-alice/x/testdata/exercise.go": lab3,
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
		"Moodle's files without folders": {
			files{
				"Ada Lovelace_4711_assignsubmission_file_exercise.go": lab1,
				"Bo_5_assignsubmission_file_all of it.zip":            alice.zipped(t),
				"Bo_5_assignsubmission_file_Exercise-2.go":            lab4,
			},
			[]string{"Ada Lovelace 4711 lab01", "Bo 5 lab01 lab03 lab04"},
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

// Whatever leaves the submissions, they are found: in a folder, in an archive, and in an archive in a folder.
func TestSubmissionsAreFound(t *testing.T) {
	for name, of := range asPlatformsLeaveIt(t) {
		for how, class := range map[string]string{
			"a folder":               of.class.folder(t),
			"an archive":             filepath.Join(files{"class.zip": of.class.zipped(t)}.folder(t), "class.zip"),
			"an archive in a folder": files{"class.zip": of.class.zipped(t)}.folder(t),
		} {
			if name == "a class of one" && how == "an archive in a folder" {
				continue // it may be the student's own
			}
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

// Nobody gets no points in silence, and nothing is read that is not the student's or that is too much.
func TestWhatCantBeTakenIsSaid(t *testing.T) {
	deep := files{in1: lab1}.zipped(t)
	for range mostNested {
		deep = files{"inner.zip": deep}.zipped(t)
	}
	for name, of := range map[string]struct {
		submission files
		problem    string
	}{
		"nothing":                {files{"alice/": ""}, "no exercise.go is in it"},
		"only other files":       {files{"alice/main.go": "package main\n\nfunc Serve() {}\n"}, "no exercise.go is in it"},
		"two of a lab":           {files{"alice/a/exercise.go": lab1, "alice/b/exercise.go": lab1 + "// x\n"}, "which is the one of lab01_timeout? a/exercise.go, b/exercise.go"},
		"of two labs":            {files{"alice/exercise.go": "package exercise\n\nfunc Serve() {}\n"}, "of which lab is this? exercise.go"},
		"of no lab":              {files{"alice/exercise.go": "oops"}, "of which lab is this? exercise.go"},
		"a large file":           {files{"alice/" + in1: lab1 + strings.Repeat(" ", mostText)}, in1 + " is larger than 1 MiB"},
		"a bomb":                 {files{"alice.zip": files{in1: strings.Repeat("\n", 2<<20)}.zipped(t)}, in1 + " is larger than 1 MiB"},
		"a bomb of archives":     {files{"alice/big.zip": files{"inner.zip": strings.Repeat("\x00", mostArchive+1)}.zipped(t)}, "inner.zip is larger than 32 MiB"},
		"archives in each other": {files{"alice.zip": files{"x.zip": deep}.zipped(t)}, "inner.zip is an archive in more than 3 others"},
		"a path that leads out":  {files{"alice.zip": files{"../../" + in1: lab1}.zipped(t)}, `the path "../../` + in1 + `" leads out of the archive`},
		"an absolute path":       {files{"alice.zip": files{"/etc/exercise.go": lab1}.zipped(t)}, `the path "/etc/exercise.go" leads out of the archive`},
		"no archive":             {files{"alice.zip": "PK\x03\x04"}, "alice.zip can't be read: zip: not a valid zip file"},
		"another archive":        {files{"alice.tar.gz": "x"}, "it is neither a folder nor a zip file"},
	} {
		t.Run(name, func(t *testing.T) {
			of.submission["bob/"+in1] = lab1
			found, err := Find(of.submission.folder(t), exercises)
			require.NoError(t, err)
			require.Len(t, found, 2)
			assert.Contains(t, found[0].Problem, of.problem)
			assert.Empty(t, found[1].Problem)
			assert.Len(t, found[1].Files, 1)
		})
	}
}

// A link is not followed, be it to a neighbor's file, to a neighbor's folder, or to the solutions.
func TestLinksAreNotFollowed(t *testing.T) {
	class := files{"alice/x.txt": "", "bob/" + in1: lab1}.folder(t)
	if err := os.Symlink(filepath.Join("..", "bob", filepath.FromSlash(in1)), filepath.Join(class, "alice", "exercise.go")); err != nil {
		t.Skipf("no links here: %v", err) // Windows asks for a privilege
	}
	require.NoError(t, os.Symlink("bob", filepath.Join(class, "carol")))
	found, err := Find(class, exercises)
	require.NoError(t, err)
	var problems []string
	for _, s := range found {
		problems = append(problems, s.Student+": "+s.Problem)
	}
	assert.Equal(t, []string{
		"alice: exercise.go is a link, or no file at all, and is not followed",
		"bob: ",
		"carol: it is a link, and is not followed",
	}, problems)
}

func TestLinksInArchivesAreNotFollowed(t *testing.T) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "exercise.go"}
	header.SetMode(fs.ModeSymlink | 0o777)
	w, err := archive.CreateHeader(header)
	require.NoError(t, err)
	_, err = w.Write([]byte("/etc/passwd"))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	found, err := Find(files{"alice.zip": out.String(), "bob.zip": files{in1: lab1}.zipped(t)}.folder(t), exercises)
	require.NoError(t, err)
	assert.Equal(t, "exercise.go is a link, or no file at all, and is not followed", found[0].Problem)
}

func TestWhatIsNoClassIsRefused(t *testing.T) {
	for name, of := range map[string]struct{ class, want string }{
		"a student's folder": {files{in1: lab1}.folder(t), "looks like the folder of one student"},
		"an empty folder":    {files{}.folder(t), "holds no submissions"},
		"only a table":       {files{"grades.csv": "1"}.folder(t), "holds no submissions"},
		"nothing":            {filepath.Join(t.TempDir(), "gone"), "no such file"},
		"a text":             {filepath.Join(files{"x.txt": "x"}.folder(t), "x.txt"), "neither a folder nor a zip file"},
	} {
		_, err := Find(of.class, exercises)
		assert.ErrorContains(t, err, of.want, name)
	}
}

// An archive that holds itself comes to an end.
func TestArchivesInArchivesComeToAnEnd(t *testing.T) {
	inner := files{"r.zip": "x"}.zipped(t)
	for range 2 * mostNested {
		inner = files{"r.zip": inner}.zipped(t)
	}
	found, err := Find(files{"r.zip": inner}.folder(t), exercises)
	require.NoError(t, err)
	assert.Contains(t, found[0].Problem, "is an archive in more than 3 others")
}

// What a student calls a file can't act on the teacher's terminal.
func TestNamesAreReadable(t *testing.T) {
	found, err := Find(files{"a\u202eb\x1b[2Jc.zip": "x", "bob/" + in1: lab1}.folder(t), exercises)
	require.NoError(t, err)
	assert.Equal(t, `a\u202eb\x1b[2Jc`, found[0].Student)
	assert.NotContains(t, found[0].Problem, "\x1b")
}
