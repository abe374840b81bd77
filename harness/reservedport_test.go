package harness_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
)

func TestReservedPortsAreGivenOnce(t *testing.T) {
	given := make(map[uint16]bool)
	for range 20000 {
		port := harness.ReservedPort()
		assert.False(t, given[port], "port %d", port)
		given[port] = true
		assert.Less(t, port, uint16(32768), "ip_local_port_range begins there")
		assert.GreaterOrEqual(t, port, uint16(10000))
	}
}

func TestReservedPortsCanBeListenedOn(t *testing.T) {
	x := harness.Start(t)
	first, second := x.ListenReserved(), x.ListenReserved()
	assert.NotEqual(t, first.Addr(), second.Addr())
	x.DialNoKeepalive(first.Addr().String())
	x.DialNoKeepalive(second.Addr().String())
}
