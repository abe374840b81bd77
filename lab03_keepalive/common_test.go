package lab03_keepalive

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// goDefault has the keepalive settings that Go gives every TCP connection: defaultTCPKeepAliveIdle and the constants next to
// it in net/dial.go.
var goDefault = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}

// systemSettingsChange guards the system's settings. An experiment that changes them holds it for writing. Experiments
// that would notice a change hold it for reading.
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
