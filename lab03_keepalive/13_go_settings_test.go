package lab03_keepalive

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestGoTurnsKeepaliveOn: by default, Go turns keepalive on for connections that a net.Dialer dials, or a listener of
// net.ListenConfig accepts. Go uses its own settings: idle 15 s, interval 15 s, 9 probes.
//
// Claim: K8.
// Verdict: does not hold: Go turns keepalive on for every connection, and does not use the system's settings; http.DefaultTransport dials with an idle time of 30 s.
func TestGoTurnsKeepaliveOn(t *testing.T) {
	x := harness.Start(t, kernel.KeepaliveReadBack)
	x.Step("a client dials, a server accepts, and neither sets keepalive")
	client, server := connect(t, x, net.Dialer{}, net.ListenConfig{})

	got := kernel.Keepalive(x, client)
	x.Outcome(harness.Client, "dialed: %+v", got)
	assert.Empty(t, cmp.Diff(goDefault, got), "settings of the dialed connection (-want +got)")
	got = kernel.Keepalive(x, server)
	x.Outcome(harness.Server, "accepted: %+v", got)
	assert.Empty(t, cmp.Diff(goDefault, got), "settings of the accepted connection (-want +got)")

	x.Step("http.DefaultTransport dials")
	dial := http.DefaultTransport.(*http.Transport).DialContext
	conn, err := dial(t.Context(), "tcp", peer.ListenNoKeepalive(x).Addr().String())
	require.NoError(t, err)
	x.Own(conn)
	ofTransport := net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: goDefault.Interval, Count: goDefault.Count}
	got = kernel.Keepalive(x, conn.(*net.TCPConn))
	x.Outcome(harness.Client, "dialed: %+v", got)
	assert.Empty(t, cmp.Diff(ofTransport, got), "settings of the connection that http.DefaultTransport has dialed (-want +got)")
}

// TestTurningKeepaliveOffInGo: Go leaves keepalive off if KeepAlive of the Dialer or ListenConfig is negative, and
// SetKeepAlive(false) turns keepalive off on an existing connection. In a Dialer or ListenConfig,
// KeepAliveConfig{Enable: false} is the zero value, and leaves keepalive on.
//
// Claim: Beyond the chapter.
//
// Predict: which Dialer makes a connection without keepalive?
//   - [ ] Dialer{}: keepalive is off by default
//   - [ ] Dialer{KeepAliveConfig: KeepAliveConfig{Enable: false}}
//   - [x] Dialer{KeepAlive: -1}
//   - [ ] none of these: SetKeepAlive(false) alone does it
func TestTurningKeepaliveOffInGo(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name           string
		dialer         net.Dialer
		config         net.ListenConfig
		afterwards     func(*net.TCPConn) error
		client, server bool // whether keepalive is on
	}{
		{name: "not at all", client: true, server: true},
		{name: "Dialer.KeepAlive is negative", dialer: net.Dialer{KeepAlive: -1}, client: false, server: true},
		{name: "ListenConfig.KeepAlive is negative", config: net.ListenConfig{KeepAlive: -1}, client: true, server: false},
		{name: "Dialer.KeepAliveConfig says Enable: false",
			dialer: net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: false}}, client: true, server: true},
		{name: "SetKeepAlive(false)",
			afterwards: func(conn *net.TCPConn) error { return conn.SetKeepAlive(false) }, client: false, server: true},
		{name: "SetKeepAliveConfig with Enable: false",
			afterwards: func(conn *net.TCPConn) error { return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: false}) },
			client:     false, server: true},
	} {
		t.Run(way.name, func(t *testing.T) {
			x := harness.Start(t, kernel.KeepaliveReadBack)
			client, server := connect(t, x, way.dialer, way.config)
			if way.afterwards != nil {
				require.NoError(t, way.afterwards(client))
			}
			onClient, onServer := kernel.Keepalive(x, client).Enable, kernel.Keepalive(x, server).Enable
			x.Outcome(harness.Client, "keepalive is on: %v", onClient)
			x.Outcome(harness.Server, "keepalive is on: %v", onServer)
			assert.Equal(t, way.client, onClient, "keepalive of the client")
			assert.Equal(t, way.server, onServer, "keepalive of the server")
		})
	}
}

// TestWhatGoLeavesAlone: for a keepalive setting that a Go program leaves out, Go uses its own default, not the system's. A
// negative value in KeepAliveConfig leaves the system's setting as it is. SetKeepAlive only turns keepalive on or off, and
// SetKeepAlivePeriod only sets the idle time.
//
// Claim: K8.
// Verdict: holds in Go if KeepAlive of the Dialer or ListenConfig is negative, and SetKeepAlive turns keepalive on.
func TestWhatGoLeavesAlone(t *testing.T) {
	const idle = 30 * time.Second
	x := harness.Start(t, kernel.KeepaliveReadBack)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	untouched := net.Dialer{KeepAlive: -1}
	client, _ := connect(t, x, untouched, net.ListenConfig{})
	system := kernel.Keepalive(x, client)
	x.Step("the system has: %+v", system)

	nothing := func(*net.TCPConn) error { return nil }
	for _, way := range []struct {
		name       string
		dialer     net.Dialer
		afterwards func(*net.TCPConn) error
		want       net.KeepAliveConfig
	}{
		{"Dialer.KeepAlive: d", net.Dialer{KeepAlive: idle}, nothing,
			net.KeepAliveConfig{Enable: true, Idle: idle, Interval: goDefault.Interval, Count: goDefault.Count}},
		{"KeepAliveConfig with Idle alone",
			net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: idle}}, nothing,
			net.KeepAliveConfig{Enable: true, Idle: idle, Interval: goDefault.Interval, Count: goDefault.Count}},
		{"KeepAliveConfig, rest -1",
			net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: idle, Interval: -1, Count: -1}}, nothing,
			net.KeepAliveConfig{Enable: true, Idle: idle, Interval: system.Interval, Count: system.Count}},
		{"SetKeepAlive(true)", untouched,
			func(conn *net.TCPConn) error { return conn.SetKeepAlive(true) },
			net.KeepAliveConfig{Enable: true, Idle: system.Idle, Interval: system.Interval, Count: system.Count}},
		{"SetKeepAlivePeriod(d)", untouched,
			func(conn *net.TCPConn) error { return conn.SetKeepAlivePeriod(idle) },
			net.KeepAliveConfig{Enable: false, Idle: idle, Interval: system.Interval, Count: system.Count}},
	} {
		client, _ := connect(t, x, way.dialer, net.ListenConfig{})
		require.NoError(t, way.afterwards(client))
		got := kernel.Keepalive(x, client)
		x.Outcome(harness.Client, "%s: %+v", way.name, got)
		assert.Empty(t, cmp.Diff(way.want, got), "%s (-want +got)", way.name)
	}
}

// TestGoRoundsSettingsUp: Go rounds keepalive's idle time and interval up to whole seconds, on systems that
// accept only whole seconds.
//
// Claim: Beyond the chapter.
//
// Predict: KeepAliveConfig.Idle is 1001 ms; what does the socket get?
//   - [ ] 1001 ms
//   - [ ] 1 s
//   - [x] 2 s
func TestGoRoundsSettingsUp(t *testing.T) {
	x := harness.Start(t, kernel.KeepaliveReadBack)
	client, _ := peer.PairNoKeepalive(x)
	for _, of := range []struct{ given, want time.Duration }{
		{1 * time.Nanosecond, 1 * time.Second},
		{999 * time.Millisecond, 1 * time.Second},
		{1 * time.Second, 1 * time.Second},
		{1001 * time.Millisecond, 2 * time.Second},
	} {
		x.Step("the client sets idle time and interval to %v", of.given)
		given := net.KeepAliveConfig{Enable: true, Idle: of.given, Interval: of.given, Count: 1}
		require.NoError(t, client.SetKeepAliveConfig(given))
		got := kernel.Keepalive(x, client)
		x.Outcome(harness.Client, "%+v", got)
		want := net.KeepAliveConfig{Enable: true, Idle: of.want, Interval: of.want, Count: 1}
		assert.Empty(t, cmp.Diff(want, got), "settings for %v (-want +got)", of.given)
	}
}
