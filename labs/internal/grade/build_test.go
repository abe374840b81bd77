package grade

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
