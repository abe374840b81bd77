package harness_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

func TestDescriptorsAtAddressAreItsConnections(t *testing.T) {
	x := harness.Start(t)
	listener := x.ListenNoKeepalive()
	address := listener.Addr().String()
	assert.Zero(t, x.DescriptorsAt(address), "the listener is no connection")

	x.DialNoKeepalive(address)
	x.DialNoKeepalive(address)
	accepted, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(accepted)
	assert.Equal(t, 1, x.DescriptorsAt(address), "the other is not accepted yet")

	require.NoError(t, accepted.Close())
	assert.Zero(t, x.DescriptorsAt(address))
}
