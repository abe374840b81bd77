package catalog

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withSums replaces the project's sums by a text, during a test.
func withSums(t *testing.T, text string) {
	t.Helper()
	before := sums
	t.Cleanup(func() { sums = before })
	sums = text
}

// grader is the source of a grader with a correct comment.
func grader(name string) string {
	return "// Test" + name + ": it is right.\n//\n// Points: 10\n// Read: TestOurs\n// Hint: a hint.\nfunc Test" + name + "(t *testing.T) {}\n"
}

func TestExercisesComeInTheStudentsOrder(t *testing.T) {
	root := module(t, map[string]string{
		"lab01_x/exercise/a_test.go": "package exercise_test\n" + grader("Last") + grader("First") + grader("Gone"),
		"lab01_x/exercise/b_test.go": "package exercise_test\n" + grader("Typed") + grader("Grouped") + grader("Value"),
		"lab01_x/exercise/exercise.go": `package exercise

import "net"

func First() { panic(notBegun) }

type (
	Other   struct{}
	Grouped struct{}
)

func (g *Grouped) A() {}
func (g *Grouped) B() { panic(notBegun) }
func (g *Grouped) C() {}

func helper() { panic(notBegun) }

type Typed struct{}

func (t *Typed) A() { helper() }

func (Value) A() { panic(notBegun) }
func (o Other) A() { panic(notBegun) }
func (l List[T]) A() { panic(notBegun) }

func Last() {}
`,
		"lab02_y/exercise/c_test.go":   "package exercise_test\n" + grader("First"),
		"lab02_y/exercise/exercise.go": "package exercise\n\nfunc First() {}\n",
	})
	got, err := Exercises(root)
	require.NoError(t, err)
	exercise := func(lab, name string, line int, begun bool) Exercise {
		return Exercise{
			Lab: lab, Name: name, Title: "it is right.", Points: 10, Read: []string{lab + "/TestOurs"}, Hints: []string{"a hint."},
			Begun: begun, File: lab + "/exercise/exercise.go", Line: line,
		}
	}
	want := []Exercise{
		exercise("lab01_x", "First", 5, false),
		exercise("lab01_x", "Grouped", 7, false),
		exercise("lab01_x", "Typed", 18, true),
		exercise("lab01_x", "Value", 22, false),
		exercise("lab01_x", "Last", 26, true),
		exercise("lab01_x", "Gone", 0, false),
		exercise("lab02_y", "First", 3, true),
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
	assert.Equal(t, "lab01_x/Last TestLast lab01_x/exercise", got[4].FullName()+" "+got[4].Grader()+" "+got[4].Folder())
}

func TestCommentOfAGrader(t *testing.T) {
	e := Exercise{Lab: "lab01_x", Name: "SendAll"}
	require.NoError(t, e.readDoc(`TestSendAll: everything
is sent.

Points: 15
Read: TestX, lab02_y/TestY
Hint: the first,
in two lines.
Hint: the second.
`))
	assert.Empty(t, cmp.Diff(Exercise{
		Lab: "lab01_x", Name: "SendAll", Title: "everything is sent.", Points: 15,
		Read: []string{"lab01_x/TestX", "lab02_y/TestY"}, Hints: []string{"the first, in two lines.", "the second."},
	}, e), "(-want +got)")

	for doc, problem := range map[string]string{
		"": `should begin with "TestSendAll: "`,
		"TestX: wrong.\n\nPoints: 10\nRead: TestX\nHint: h.":                    `should begin with "TestSendAll: "`,
		"TestSendAll: title.\n\nRead: TestX\nHint: h.":                          "should have lines that begin with Points, Read and Hint",
		"TestSendAll: title.\n\nPoints: 10\nHint: h.":                           "should have lines that begin with Points, Read and Hint",
		"TestSendAll: title.\n\nPoints: 10\nRead: TestX":                        "should have lines that begin with Points, Read and Hint",
		"TestSendAll: title.\n\nPoints: ten\nRead: TestX\nHint: h.":             `"ten" is not a number of points`,
		"TestSendAll: title.\n\nPoints: 0\nRead: TestX\nHint: h.":               `"0" is not a number of points`,
		"TestSendAll: title.\n\nPoints: -1\nRead: TestX\nHint: h.":              `"-1" is not a number of points`,
		"TestSendAll: title.\n\nPoints: 10\nso many\nRead: TestX\nHint: h.":     `neither Points, Read nor Hint: "so many"`,
		"TestSendAll: title.\n\nHint: h.\nPoints: 10\nso many\nRead: TestX":     `neither Points, Read nor Hint: "so many"`,
		"TestSendAll: title.\n\nHint: h.\nPoints: 10\nRead: TestX\nand another": `neither Points, Read nor Hint: "and another"`,
		"TestSendAll: title.\n\nHint: h.\nRead: TestX\nand another\nPoints: 10": `neither Points, Read nor Hint: "and another"`,
		"TestSendAll: title.\n\nJust so.\nPoints: 10\nRead: TestX\nHint: h.":    `neither Points, Read nor Hint: "Just so."`,
	} {
		e := Exercise{Lab: "lab01_x", Name: "SendAll"}
		assert.ErrorContains(t, e.readDoc(doc), problem, doc)
	}
	one := Exercise{Lab: "lab01_x", Name: "SendAll"}
	assert.NoError(t, one.readDoc("TestSendAll: title.\n\nPoints: 1\nRead: TestX\nHint: h."))
}

// An error in one of the project's graders is reported. A student's own tests beside the graders may have errors.
func TestBrokenGradersAreNamedIfTheyAreOurs(t *testing.T) {
	const name = "lab01_x/exercise/broken_test.go"
	for text, problem := range map[string]string{
		"package exercise_test\n\nfunc TestSendAll(t *testing.T) {}\n": name + `: TestSendAll: its comment should begin with`,
		"package exercise_test\n\nfunc TestSendAll(t *testing.T) {\n":  name + ":3:34: expected '}'",
	} {
		root := module(t, map[string]string{
			name:                            text,
			"lab01_x/exercise/good_test.go": "package exercise_test\n" + grader("Good"),
			"lab01_x/exercise/exercise.go":  "package exercise\n\nfunc Good() {}\n",
		})
		withSums(t, "")
		theirs, err := Exercises(root)
		require.NoError(t, err)
		require.Len(t, theirs, 1)
		assert.Equal(t, "Good", theirs[0].Name)

		withSums(t, "0  "+name+"\n")
		_, err = Exercises(root)
		assert.ErrorContains(t, err, problem)
	}
}

func TestWhatAStudentHasNotFinishedIsNoExercise(t *testing.T) {
	withSums(t, "")
	exercises, err := Exercises(module(t, map[string]string{
		"lab01_x/exercise/mine_test.go": "package exercise_test\n" + grader("Mine") + "func TestNext(",
		"lab01_x/exercise/exercise.go":  "package exercise\n",
	}))
	require.NoError(t, err)
	assert.Empty(t, exercises)
}

func TestStudentsFileMayBeMissingOrBroken(t *testing.T) {
	files := map[string]string{"lab01_x/exercise/good_test.go": "package exercise_test\n" + grader("Good")}
	_, err := Exercises(module(t, files))
	assert.ErrorIs(t, err, os.ErrNotExist)
	unreadable := maps.Clone(files)
	unreadable["lab01_x/exercise/exercise.go/x"] = ""
	_, err = Exercises(module(t, unreadable))
	assert.ErrorContains(t, err, "exercise.go: is a directory; labs reset lab01_x puts the file back")

	files["lab01_x/exercise/exercise.go"] = "package exercise\n\nfunc Good() { panic(notBegun) }\n\nfunc other( {\n"
	exercises, err := Exercises(module(t, files))
	require.NoError(t, err, "the compiler says more of it")
	assert.Equal(t, 3, exercises[0].Line)
	assert.False(t, exercises[0].Begun)
}

// A file that can't be a student's work is not read: it may never end, or fill the memory. The exercises are still known, so that
// their file can be put back.
func TestWhatIsNoTextIsNotRead(t *testing.T) {
	root := module(t, map[string]string{"lab01_x/exercise/good_test.go": "package exercise_test\n" + grader("Good")})
	file := filepath.Join(root, "lab01_x", "exercise", "exercise.go")
	require.NoError(t, os.WriteFile(file, make([]byte, MostSource+1), 0o666))
	exercises, err := Exercises(root)
	assert.ErrorContains(t, err, "exercise.go is larger than 1 MiB; labs reset lab01_x puts the file back")
	require.Len(t, exercises, 1)
	assert.Equal(t, "lab01_x/Good", exercises[0].FullName())
	require.NoError(t, os.Remove(file))
	if err := os.Symlink(os.DevNull, file); err != nil {
		t.Skip(err)
	}
	_, err = Exercises(root)
	assert.ErrorContains(t, err, "exercise.go is a special file")
}

// "func ()" is often the beginning of a method that somebody is writing.
func TestReceiverMayBeMissing(t *testing.T) {
	exercises, err := Exercises(module(t, map[string]string{
		"lab01_x/exercise/good_test.go": "package exercise_test\n" + grader("Good"),
		"lab01_x/exercise/exercise.go":  "package exercise\n\nfunc () Good() {}\n",
	}))
	require.NoError(t, err)
	assert.Equal(t, 3, exercises[0].Line)
}

func TestGradersAreComparedWithTheirSums(t *testing.T) {
	files := map[string]string{
		"lab01_x/exercise/exercise.go":  "package exercise\n",
		"lab01_x/exercise/a_test.go":    "package exercise_test // a\n",
		"lab02_y/exercise/b.go":         "package exercise // b\n",
		"lab02_y/other/c.go":            "package other\n",
		"lab02_y/exercise/testdata.txt": "d",
	}
	root := module(t, files)
	fresh, err := Sums(root)
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}  lab01_x/exercise/a_test\.go\n[0-9a-f]{64}  lab02_y/exercise/b\.go\n$`, fresh)
	withSums(t, fresh)
	assert.NoError(t, CheckGraders(root))
	strangers, err := Strangers(root, "lab01_x/exercise")
	assert.NoError(t, err)
	assert.Empty(t, strangers)

	mine := filepath.Join(root, "lab01_x", "exercise", "mine_test.go")
	require.NoError(t, os.WriteFile(mine, []byte("package exercise_test\n"), 0o666))
	private := filepath.Join(root, "lab01_x", "exercise", "private", "solution.txt") // a student's code could embed it
	require.NoError(t, os.Mkdir(filepath.Dir(private), 0o777))
	require.NoError(t, os.WriteFile(private, nil, 0o666))
	assert.NoError(t, CheckGraders(root), "what is beside them counts for nothing")
	strangers, err = Strangers(root, "lab01_x/exercise")
	assert.NoError(t, err)
	assert.Equal(t, []string{"mine_test.go", "private/solution.txt"}, strangers)

	grader := filepath.Join(root, "lab01_x", "exercise", "a_test.go")
	require.NoError(t, os.WriteFile(grader, []byte("package exercise_test // A\n"), 0o666))
	assert.EqualError(t, CheckGraders(root), "lab01_x/exercise/a_test.go is no longer the project's own: restore it")
	require.NoError(t, os.Remove(grader))
	assert.EqualError(t, CheckGraders(root), "lab01_x/exercise/a_test.go is missing: take it from the project")
	require.NoError(t, os.Mkdir(grader, 0o777))
	assert.ErrorContains(t, CheckGraders(root), "a_test.go: ", "it can't be read")
	_, err = Sums(root)
	assert.ErrorContains(t, err, "a_test.go")
}
