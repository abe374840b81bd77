package story_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/story"
)

func TestOneIsNoPlural(t *testing.T) {
	for n, want := range []string{"0 bytes", "1 byte", "2 bytes"} {
		assert.Equal(t, want, story.Count(n, "byte"))
	}
}
