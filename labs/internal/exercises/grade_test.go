package exercises

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A person who grades other people's code with LABS_SANDBOX=off learns that the code can use the network.
func TestNetworkThatStudentsShareIsSaid(t *testing.T) {
	t.Setenv("LABS_SANDBOX", "off")
	assert.Equal(t, "LABS_SANDBOX=off asks for it", sharesNetwork())
}
