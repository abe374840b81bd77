package submissions

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// A submission that can't be read has a problem, so that nobody gets 0 points unnoticed. Files that are not the student's, or
// too large, are not read.
func TestWhatCantBeTakenIsSaid(t *testing.T) {
	defer func(was int) { mostArchive = was }(mostArchive)
	mostArchive = 3 << 20
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
		"two of each lab":        {files{"alice/a/exercise.go": lab1, "alice/b/exercise.go": lab1 + "// x\n", "alice/c/exercise.go": lab3, "alice/d/exercise.go": lab3 + "// x\n"}, "a/exercise.go, b/exercise.go; which is the one of lab03_keepalive? c/exercise.go"},
		"of two labs":            {files{"alice/exercise.go": "package exercise\n\nfunc Serve() {}\n"}, "of which lab is this? exercise.go"},
		"of no lab":              {files{"alice/exercise.go": "oops"}, "of which lab is this? exercise.go"},
		"a large file":           {files{"alice/" + in1: lab1 + strings.Repeat(" ", mostText)}, in1 + " is larger than 1 MiB"},
		"a bomb":                 {files{"alice.zip": files{in1: strings.Repeat("\n", 2<<20)}.zipped(t)}, in1 + " is larger than 1 MiB"},
		"a bomb of archives":     {files{"alice/big.zip": files{"inner.zip": strings.Repeat("\x00", mostArchive+1)}.zipped(t)}, "inner.zip is larger than 3 MiB"},
		"a long path":            {files{"alice.zip": files{strings.Repeat("x", mostInPath+1): ""}.zipped(t)}, "a path is longer than 4096 bytes"},
		"paths that add up":      {files{"alice.zip": files{strings.Repeat("x", mostInPath/2) + ".zip": files{strings.Repeat("y", mostInPath/2): ""}.zipped(t)}.zipped(t)}, "a path is longer than 4096 bytes"},
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

// A small archive may be large when it is unpacked, or contain many files. It can't use up memory or time.
func TestSubmissionThatGrowsIsRefused(t *testing.T) {
	skip.UnlessChecking(t, "writes and reads megabytes")
	defer func(read, files int) { mostRead, mostFiles = read, files }(mostRead, mostFiles)
	mostRead, mostFiles = 3<<20, 100
	grown := strings.Repeat(" ", mostText)
	many := make(files)
	for i := range mostFiles + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for name, of := range map[string]struct {
		bomb    files
		problem string
	}{
		"archives that are large": {files{"1.zip": files{"x": grown + grown}.stored(t), "2.zip": files{"x": grown + grown}.stored(t)}, "reading it takes more than 3 MiB"},
		"files that are large":    {files{"1/exercise.go": grown, "2/exercise.go": grown, "3/exercise.go": grown, "4/exercise.go": grown}, "reading it takes more than 3 MiB"},
		"many files":              {many, "there are more than 100 files"},
	} {
		zipped := of.bomb.zipped(t)
		for _, class := range []files{{"alice.zip": zipped}, {"alice/mine.zip": zipped}} {
			class["bob/"+in1] = lab1
			found, err := Find(class.folder(t), exercises)
			require.NoError(t, err)
			require.Len(t, found, 2)
			assert.Contains(t, found[0].Problem, of.problem, name)
			assert.Empty(t, found[1].Problem, name)
		}
	}
}

// What a student's file declares can't end the grading of the class, even if it is no Go.
func TestNoDeclarationEndsTheCommand(t *testing.T) {
	for _, text := range []string{
		"func () SendAll() {}", "func (", "func (x) SendAll", "func ([]*T) SendAll() {}",
		"type (", "type SendAll[", "type = 1", "var", "import", "func SendAll[T any", "{",
	} {
		found, err := Find(files{"alice/exercise.go": "package exercise\n\n" + text, "bob/" + in1: lab1}.folder(t), exercises)
		require.NoError(t, err)
		require.Len(t, found, 2)
		assert.Len(t, found[1].Files, 1)
	}
}

// A class may hand in more than fits into the memory: only the archives of one student are in it.
func TestArchivesOfAClassAreNotInMemoryTogether(t *testing.T) {
	const students, size = 20, 2 << 20
	archive := files{in1: lab1, "film.bin": strings.Repeat("x", size)}.stored(t)
	inUse := func() int {
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return int(memory.HeapAlloc)
	}
	before, most := inUse(), 0
	var class []file
	for i := range students {
		class = append(class, file{path: fmt.Sprintf("%d.zip", i), open: func() (io.ReadCloser, error) {
			most = max(most, inUse())
			return io.NopCloser(strings.NewReader(archive)), nil
		}})
	}
	found := (&finder{byLab: declared(exercises)}).submissions(class)
	require.Len(t, found, students)
	for _, s := range found {
		assert.Equal(t, lab1, string(s.Files["lab01_timeout"]), s.Problem)
	}
	assert.Less(t, most-before, students*size/2)
}

// A problem names only a few of ten thousand files.
func TestFewNamesAreSaid(t *testing.T) {
	class := files{"bob/" + in1: lab1}
	for i := range 100 {
		class[fmt.Sprintf("alice/%02d/exercise.go", i)] = lab1 + fmt.Sprint("// ", i, "\n")
	}
	found, err := Find(class.folder(t), exercises)
	require.NoError(t, err)
	assert.Contains(t, found[0].Problem, "09/exercise.go, …")
	assert.NotContains(t, found[0].Problem, "10/exercise.go")
}

// A folder that can't be read is a problem of its student only, and its name can't affect the terminal.
func TestFolderThatCantBeReadIsSaid(t *testing.T) {
	class := files{"alice/\x1b[2J/": "", "bob/" + in1: lab1}.folder(t)
	closed := filepath.Join(class, "alice", "\x1b[2J")
	require.NoError(t, os.Chmod(closed, 0))
	defer os.Chmod(closed, 0o700) // so that it can be removed
	want := `\x1b[2J can't be read: permission denied`
	if _, err := os.ReadDir(closed); err == nil {
		want = "no exercise.go is in it" // root can read everything
	}
	found, err := Find(class, exercises)
	require.NoError(t, err)
	assert.Equal(t, want, found[0].Problem)
	assert.Empty(t, found[1].Problem)
}

// A link is not followed, whether it leads to a neighbor's file, a neighbor's folder, or the solutions.
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
		"alice: exercise.go is a link or a special file, and is not read",
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
	assert.Equal(t, "exercise.go is a link or a special file, and is not read", found[0].Problem)
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

// An archive that contains itself is not unpacked forever.
func TestArchivesInArchivesComeToAnEnd(t *testing.T) {
	inner := files{"r.zip": "x"}.zipped(t)
	for range 2 * mostNested {
		inner = files{"r.zip": inner}.zipped(t)
	}
	found, err := Find(files{"r.zip": inner}.folder(t), exercises)
	require.NoError(t, err)
	assert.Contains(t, found[0].Problem, "is an archive in more than 3 others")
}

// The name that a student gives a file can't affect the teacher's terminal.
func TestNamesAreReadable(t *testing.T) {
	found, err := Find(files{"a\u202eb\x1b[2Jc.zip": "x", "bob/" + in1: lab1}.folder(t), exercises)
	require.NoError(t, err)
	assert.Equal(t, `a\u202eb\x1b[2Jc`, found[0].Student)
	assert.NotContains(t, found[0].Problem, "\x1b")
}
