package grade

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestComplaintIsAboutTheStudentsFile(t *testing.T) {
	for out, want := range map[string]string{
		"# p\nbegin.go:3:8: cannot find package\n# p\nexercise.go:1:1: illegal UTF-8 encoding (got UTF-16)\n": "exercise.go:1:1: illegal UTF-8 encoding (got UTF-16)",
		"# p\n./exercise.go:66:1: invalid NUL character\n":                                                    "exercise.go:66:1: invalid NUL character",
		"# p\n./send_test.go:7:2: undefined: SendAll\n":                                                       "send_test.go:7:2: undefined: SendAll",
		"": "the compiler failed, and said nothing",
	} {
		assert.Equal(t, want, firstComplaint([]byte(out)))
	}
}
