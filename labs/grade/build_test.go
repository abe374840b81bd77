package grade

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

func TestComplaintIsAboutTheStudentsFile(t *testing.T) {
	for out, want := range map[string]string{
		"# p\nbegin.go:3:8: cannot find package\n# p\nexercise.go:1:1: illegal UTF-8 encoding (got UTF-16)\n": "exercise.go:1:1: illegal UTF-8 encoding (got UTF-16)",
		"# p\n./exercise.go:66:1: invalid NUL character\n":                                                    "exercise.go:66:1: invalid NUL character",
		"# p\n/tmp/them/exercise.go:66:1: invalid NUL character\n":                                            "exercise.go:66:1: invalid NUL character",
		"# p\n./send_test.go:7:2: undefined: SendAll\n":                                                       "send_test.go:7:2: undefined: SendAll",
		"": "the compiler failed, and said nothing",
	} {
		assert.Equal(t, want, firstComplaint([]byte(out)))
	}
}

// What is no text at all is the student's file, whatever the go command makes of it.
func TestFileThatIsNoTextIsNamed(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	const lab = "../../lab01_timeout/exercise"
	starter, err := os.ReadFile(filepath.Join(lab, "exercise.go"))
	require.NoError(t, err)
	utf16 := []byte{0xff, 0xfe}
	for _, letter := range string(starter) {
		utf16 = append(utf16, byte(letter), 0)
	}
	for want, text := range map[string][]byte{
		"encoding (got UTF-16)": utf16,
		"NUL":                   append(starter, 0),
		" UTF-8 encoding":       append(starter, "// \xe4\n"...),
	} {
		source := filepath.Join(t.TempDir(), "exercise.go")
		require.NoError(t, os.WriteFile(source, text, 0o666))
		err := Build(t.Context(), lab, []string{source}, nil, filepath.Join(t.TempDir(), "graders"))
		var broken *doesNotCompile
		if assert.ErrorAs(t, err, &broken, want) {
			assert.Regexp(t, `^exercise\.go:\d+:\d+: `, broken.complaint)
			assert.Contains(t, broken.complaint, want)
		}
	}
}

func TestWhatTheMachineLacksIsNoMistakeOfTheStudent(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	t.Setenv("GOCACHE", "off")
	source, err := filepath.Abs("../../lab01_timeout/exercise/exercise.go")
	require.NoError(t, err)
	err = Build(t.Context(), filepath.Dir(source), []string{source}, nil, filepath.Join(t.TempDir(), "graders"))
	assert.ErrorContains(t, err, "go can't compile: build cache is disabled")
	assert.NotErrorAs(t, err, new(*doesNotCompile))
}
