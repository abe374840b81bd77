//go:build linux && !race

package jail

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/skip"
)

// The race detector needs more memory than any limit allows, so this test is left out with it.
func TestMemoryOfProgramIsLimited(t *testing.T) {
	skip.UnlessChecking(t, "fills a quarter of a gigabyte")
	p := plan(t)
	p.Memory = 256 << 20
	out, err := jailed(t, p, "takes memory").CombinedOutput()
	assert.Error(t, err)
	assert.Regexp(t, "out of memory|cannot allocate memory", string(out))
}
