package grade

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

func TestComplaintIsAboutTheStudentsFile(t *testing.T) {
	for out, want := range map[string]string{
		"# p\nbegin.go:3:8: cannot find package\n# p\nexercise.go:1:1: illegal UTF-8 encoding (got UTF-16)\n":                                    "exercise.go:1:1: illegal UTF-8 encoding (got UTF-16)",
		"# p\n./exercise.go:66:1: invalid NUL character\n":                                                                                       "exercise.go:66:1: invalid NUL character",
		"# p\n/tmp/them/exercise.go:66:1: invalid NUL character\n":                                                                               "exercise.go:66:1: invalid NUL character",
		"# p\n./send_test.go:7:2: undefined: SendAll\n":                                                                                          "send_test.go:7:2: undefined: SendAll",
		"# p\n./exercise.go:3:2: \"os\" imported and not used\n./exercise.go:9:2: undefined: x\n# p [p.test]\n./exercise.go:9:2: undefined: x\n": "exercise.go:3:2: \"os\" imported and not used\nexercise.go:9:2: undefined: x",
		"": "the compiler failed, and said nothing",
	} {
		assert.Equal(t, want, complaints([]byte(out)))
	}
}

// What is no text at all is the student's file, whatever the go command makes of it.
func TestFileThatIsNoTextIsNamed(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	const lab = "../../../lab01_timeout/exercise"
	starter, err := os.ReadFile(filepath.Join(lab, "exercise.go"))
	require.NoError(t, err)
	utf16 := []byte{0xff, 0xfe}
	for _, letter := range string(starter) {
		utf16 = append(utf16, byte(letter), 0)
	}
	lines := bytes.Count(starter, []byte("\n"))
	for _, is := range []struct {
		text []byte
		line int
	}{
		{utf16, 1},
		{utf16[2:], 1}, // without a byte order mark
		{append([]byte{0}, starter...), 1},
		{append(starter, 0), lines + 1},
		{append(starter, "// \xe4\n"...), lines + 1},
	} {
		want := fmt.Sprintf("exercise.go:%d: this is not UTF-8 text; save it as UTF-8", is.line)
		source := filepath.Join(t.TempDir(), "exercise.go")
		require.NoError(t, os.WriteFile(source, is.text, 0o666))
		err := Build(t.Context(), lab, []string{source}, nil, filepath.Join(t.TempDir(), "graders"))
		var broken *doesNotCompile
		if assert.ErrorAs(t, err, &broken, want) {
			assert.Equal(t, want, broken.complaint)
		}
	}
}

func TestWhatTheMachineLacksIsNoMistakeOfTheStudent(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	t.Setenv("GOCACHE", "off")
	source, err := filepath.Abs("../../../lab01_timeout/exercise/exercise.go")
	require.NoError(t, err)
	err = Build(t.Context(), filepath.Dir(source), []string{source}, nil, filepath.Join(t.TempDir(), "graders"))
	assert.ErrorContains(t, err, "go can't compile: build cache is disabled")
	assert.NotErrorAs(t, err, new(*doesNotCompile))
}
