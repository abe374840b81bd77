package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFailuresAreNamedLoosely(t *testing.T) {
	for name, want := range map[string]int{"": len(Failures), "host vanishes, idle": 1, "Vanishes": 3, "pending proxy": 1, "slow answer": 1} {
		found, err := FailuresLike(name)
		require.NoError(t, err)
		assert.Len(t, found, want, name)
	}
	for _, name := range []string{"rain", "host rains", "7", ",", " "} {
		_, err := FailuresLike(name)
		assert.ErrorContains(t, err, `"`+name+`"; there are: healthy peer, idle; slow answer; `)
	}
}
