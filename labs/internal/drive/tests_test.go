package drive

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/catalog"
)

// The labs wait more than they compute, and go test runs only as many packages at a time as there are cores.
func TestAllLabsRunAtOnce(t *testing.T) {
	labs := runtime.GOMAXPROCS(0) + 3
	var chosen []catalog.Experiment
	for i := range labs {
		chosen = append(chosen, catalog.Experiment{Lab: fmt.Sprint("lab", i), Test: "TestA"})
	}
	assert.Subset(t, Of(chosen, true).args(), []string{"-p", fmt.Sprint(labs + 1)}, "the labs, and the doctor")
}
