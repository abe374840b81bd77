package drive

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/timemachine"
)

// The labs wait more than they compute, and go test runs only as many packages at a time as there are cores.
func TestAllLabsRunAtOnce(t *testing.T) {
	labs := runtime.GOMAXPROCS(0) + 3
	var chosen []catalog.Experiment
	for i := range labs {
		chosen = append(chosen, catalog.Experiment{Lab: fmt.Sprint("lab", i), Test: "TestA"})
	}
	assert.Subset(t, Of(chosen, true).args(), []string{"-p", fmt.Sprint(labs + 1)}, "the labs, and the machine test")
}

func TestGuestGetsTheArgumentsOfGoTest(t *testing.T) {
	tests := Set{Folders: []string{"lab01"}, Args: []string{"-run=^TestA$", "-short"}}
	assert.Equal(t, timemachine.Tests{Root: "here", Folders: []string{"lab01"}, Args: []string{"-test.run=^TestA$", "-test.short"}}, tests.forGuest("here"))
}

// On systems other than Linux, the command does not try: an experiment's record and the name of its file say whether it can run.
func TestWhatAnotherSystemLacksIsKnownBeforehand(t *testing.T) {
	anywhere := catalog.Experiment{Lab: "lab01", Test: "TestA", File: "lab01/01_a_test.go"}
	onLinux := catalog.Experiment{Lab: "lab01", Test: "TestB", File: "lab01/02_b_linux_test.go"}
	needing := catalog.Experiment{Lab: "lab01", Test: "TestC", File: "lab01/03_c_test.go", Needs: []string{"VanishingPeers"}}
	t.Setenv(systemVar, "darwin")
	assert.Empty(t, lacking([]catalog.Experiment{anywhere}))
	assert.Equal(t, "this is macOS", lacking([]catalog.Experiment{anywhere, onLinux}))
	assert.Equal(t, "this is macOS", lacking([]catalog.Experiment{needing}))
	t.Setenv(systemVar, "plan9")
	assert.Equal(t, "this is plan9", lacking([]catalog.Experiment{needing}))
	t.Setenv(systemVar, "linux")
	assert.Empty(t, lacking([]catalog.Experiment{anywhere, onLinux, needing}), "Linux can")
}
