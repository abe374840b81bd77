package grading

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const printedRace = `what the student prints
==================
WARNING: DATA RACE
Write at 0x00c0002b8018 by goroutine 12:
  runtime.mapassign_faststr()
      /usr/local/go/src/internal/runtime/maps/runtime_faststr.go:263 +0x0
  socketlabs/lab04_compare/exercise.(*Pool).Put()
      /tmp/a folder/exercise.go:30 +0x44
  socketlabs/lab04_compare/exercise_test.init.func3()
      /tmp/a folder/driver_pool_linux_test.go:9 +0x2c

Previous read at 0x00c0002b8018 by goroutine 7:
  socketlabs/lab04_compare/exercise.(*Pool).Get.func1()
      C:/labs/lab04_compare/exercise/exercise.go:21 +0x5d

Goroutine 12 (running) created at:
  socketlabs/harness/grading/student.(*Channel).Serve()
      /tmp/a folder/channel.go:78 +0x3e4
==================
`

func TestRaceIsTheStudentsIfBothAccessesAre(t *testing.T) {
	f, found := race(printedRace)
	assert.True(t, found)
	assert.Equal(t, "a write at exercise.go:30, in (*Pool).Put, and a read at exercise.go:21, in (*Pool).Get.func1, "+
		"of the same variable: neither waits for the other", f.Seen)
	f, found = race(strings.ReplaceAll(printedRace, "exercise.(*Pool).Put", "exercise.put[go.shape.struct { A int; socketlabs/exercise.b string }].func1"))
	assert.True(t, found, "a function may be generic")
	assert.Contains(t, f.Seen, "a write at exercise.go:30, in put[...].func1, and")
	for what, printed := range map[string]string{
		"nothing is printed":              "",
		"only the name of a race":         "==================\nWARNING: DATA RACE\n",
		"one access is the driver's":      strings.Replace(printedRace, "exercise.(*Pool).Get.func1", "exercise_test.init.func1", 1),
		"one access is in a given file":   strings.Replace(printedRace, "exercise/exercise.go:21", "exercise/given_linux.go:21", 1),
		"the stack of one access is lost": strings.Replace(printedRace, "  socketlabs/lab04_compare/exercise.(*Pool).Get.func1()\n", "  [failed to restore the stack]\n", 1),
	} {
		_, found := race(printed)
		assert.False(t, found, what)
	}
}
