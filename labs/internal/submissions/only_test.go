package submissions

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A student who hands in alone chooses the names of folders, and even a list of names. They don't become the names of students.
func TestOnlyStudentChoosesNoNames(t *testing.T) {
	list := "submission_1:\n  :submitters:\n  - :name: Bo\n    :sid: 5\nsubmission_2:\n  :submitters:\n  - :name: Cy\n    :sid: 6\n"
	forged := files{"submission_metadata.yml": list, "submission_1/exercise.go": lab1, "submission_2/exercise.go": lab3}
	folders := files{"Bo/exercise.go": lab1, "Cy/exercise.go": lab3}
	below := func(folder string, of files) files {
		all := make(files)
		for name, text := range of {
			all[folder+"/"+name] = text
		}
		return all
	}
	for name, class := range map[string]files{
		"an archive with a list":    {"mallory.zip": forged.zipped(t)},
		"an archive with folders":   {"mallory.zip": folders.zipped(t)},
		"an archive with a folder":  {"mallory.zip": below("x", folders).zipped(t)},
		"an archive like an export": {"assignment_1_export.zip": below("assignment_1_export", forged).zipped(t)},
		"a folder with a list":      below("mallory", forged),
		"a folder with folders":     below("mallory", folders),
	} {
		for _, given := range []string{class.folder(t), filepath.Join(files{"class.zip": class.zipped(t)}.folder(t), "class.zip")} {
			_, err := Find(given, exercises)
			assert.ErrorContains(t, err, "if it is the work of one student", name)
		}
	}
	// Moodle says whose it is.
	found, err := Find(below("Mallory_6_assignsubmission_file_", forged).folder(t), exercises)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "Mallory", found[0].Student)
}

// A list of names is Gradescope's only for the folders that Gradescope makes.
func TestListNamesNobodysArchive(t *testing.T) {
	found, err := Find(files{
		"submission_metadata.yml": "bob.zip:\n  :submitters:\n  - :name: Mallory\n", "bob.zip": files{in1: lab1}.zipped(t), "mallory.zip": "x",
	}.folder(t), exercises)
	require.NoError(t, err)
	assert.Equal(t, "bob", found[0].Student)
}

// Gradescope's list has all that graders have said, and what students' code has printed. Only the names are read.
func TestListOfNamesIsSmall(t *testing.T) {
	var list strings.Builder
	list.WriteString("---\nsubmission_1:\n  :submitters:\n  - :name: 'Ada'\n    :sid: 007\n  :results:\n    tests:\n    - output: |-\n        x\n\n        :submitters:\n")
	list.WriteString(strings.Repeat("    - {a: [{}, {}]}\n", 4<<20/20))
	list.WriteString("submission_2:\n  :created_at: 1\n  :submitters:\n  - :name: Bo\n    :sid:\n")
	class := files{"submission_metadata.yml": list.String(), "submission_1/exercise.go": lab1, "submission_2/exercise.go": lab1}.folder(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := Find(class, exercises)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Equal(t, []string{"Ada 007", "Bo "}, []string{found[0].Student + " " + found[0].ID, found[1].Student + " " + found[1].ID})
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
}

// Too many files are a problem of their student alone, in a folder and in the archive of a class.
func TestManyFilesStopNobodyElse(t *testing.T) {
	defer func(was int) { mostFiles = was }(mostFiles)
	mostFiles = 10
	for _, folder := range []string{"", "assignment_1_export/"} {
		class := files{folder + "submission_metadata.yml": "", folder + "submission_2/" + in1: lab1, folder + "submission_3/" + in1: lab1}
		for i := range 2 * mostFiles {
			class[fmt.Sprintf("%ssubmission_1/%d/x", folder, i)] = ""
		}
		for _, given := range []string{class.folder(t), filepath.Join(files{"class.zip": class.zipped(t)}.folder(t), "class.zip")} {
			found, err := Find(given, exercises)
			require.NoError(t, err)
			require.Len(t, found, 3)
			assert.Equal(t, "there are more than 10 files", found[0].Problem)
			for _, other := range found[1:] {
				assert.Empty(t, other.Problem)
				assert.Len(t, other.Files, 1)
			}
		}
	}
	class := make(files)
	for i := range 2 * mostFiles {
		class[fmt.Sprintf("%d/x", i)] = ""
	}
	s, err := Read(class.folder(t), exercises)
	require.NoError(t, err)
	assert.Equal(t, "there are more than 10 files", s.Problem)
}

// The name of a student's file may have backslashes. In an archive of the class, it leads neither to another student's folder nor out
// of the archive, and is a problem of that student alone.
func TestNameOfAFileStaysInItsFolder(t *testing.T) {
	long := "mallory/" + strings.Repeat("x", mostInPath)
	for _, name := range []string{`mallory/..\bob\lab01_timeout\exercise\exercise.go`, `mallory/a\..\..\..\x`, "mallory/../bob/" + in1, long} {
		zipped := files{name: lab1 + "// x\n", "bob/" + in3: lab3, "carol/" + in1: lab1}.zipped(t)
		found, err := Find(filepath.Join(files{"class.zip": zipped}.folder(t), "class.zip"), exercises)
		require.NoError(t, err)
		require.Len(t, found, 3)
		assert.Empty(t, found[0].Problem)
		assert.Len(t, found[0].Files, 1, "bob has handed in nothing for lab 1")
		assert.Empty(t, found[1].Problem)
		assert.Equal(t, "mallory", found[2].Student)
		assert.Contains(t, found[2].Problem, "can't be read: ")
	}
	// An archive may list its own folder.
	found, err := Find(filepath.Join(files{"class.zip": files{"./": "", "bob/" + in1: lab1}.zipped(t)}.folder(t), "class.zip"), exercises)
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

// Files that are not looked at count little, but their entries take memory.
func TestHiddenFilesOfAnArchiveCountLittle(t *testing.T) {
	defer func(was int) { mostFiles = was }(mostFiles)
	mostFiles = 10
	for hidden, problem := range map[int]string{50: "", 101: "there are more than 10 files"} {
		mine := files{in1: lab1}
		for i := range hidden {
			mine[fmt.Sprintf(".git/%d", i)] = ""
		}
		found, err := Find(files{"alice.zip": mine.zipped(t), "bob/" + in1: lab1}.folder(t), exercises)
		require.NoError(t, err)
		assert.Equal(t, problem, found[0].Problem)
	}
}
