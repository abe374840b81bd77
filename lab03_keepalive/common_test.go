package lab03_keepalive

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// goDefault is what Go gives every TCP connection: defaultTCPKeepAliveIdle and its like in net/dial.go.
var goDefault = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}

// systemSettingsChange is held for writing by an experiment that changes the system's settings, and for reading by
// those that would notice.
var systemSettingsChange sync.RWMutex

// connect dials and accepts with the test's own Dialer and ListenConfig.
func connect(t *testing.T, x *harness.Experiment, dialer net.Dialer, config net.ListenConfig) (client, server *net.TCPConn) {
	t.Helper()
	listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(listener)
	dialed, err := dialer.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	x.Own(dialed)
	accepted, err := listener.Accept()
	require.NoError(t, err)
	x.Own(accepted)
	return dialed.(*net.TCPConn), accepted.(*net.TCPConn)
}
