package lab02_reuseaddr

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"

	"socketlabs/harness"
)

// exclusive is SO_EXCLUSIVEADDRUSE, which winsock2.h defines as ~SO_REUSEADDR.
const exclusive = ^windows.SO_REUSEADDR

// TestExclusiveAddrUseKeepsStrangersOut: on Windows, a socket can bind the address and port of another socket only if
// both have SO_REUSEADDR. SO_EXCLUSIVEADDRUSE on the first socket keeps every other socket out.
//
// Source: "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE" and "Sharing Transport Addresses", learn.microsoft.com.
func TestExclusiveAddrUseKeepsStrangersOut(t *testing.T) {
	x := harness.Start(t)
	const none = 0
	var got [5]string
	for i, c := range []struct{ before, after int }{ // the option of the first socket, and of the second
		{none, none},
		{none, windows.SO_REUSEADDR},
		{windows.SO_REUSEADDR, windows.SO_REUSEADDR},
		{exclusive, none},
		{exclusive, windows.SO_REUSEADDR},
	} {
		x.Step("a socket is bound to 127.0.0.1; then a second socket binds the same port")
		first, err := boundTo(t, c.before, 0)
		require.NoError(t, err)
		name, err := windows.Getsockname(first)
		require.NoError(t, err)
		_, err = boundTo(t, c.after, name.(*windows.SockaddrInet4).Port)
		x.Outcome(harness.Server, "bind: %v", err)
		got[i] = map[bool]string{true: "ok"}[err == nil]
		for name, is := range map[string]error{"WSAEADDRINUSE": windows.WSAEADDRINUSE, "WSAEACCES": windows.WSAEACCES} {
			if errors.Is(err, is) {
				got[i] = name
			}
		}
	}

	want := [5]string{"WSAEADDRINUSE", "WSAEACCES", "ok", "WSAEADDRINUSE", "WSAEACCES"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results of the second bind (-want +got)\n%s", diff)
	}
}

// boundTo binds a socket to 127.0.0.1. If option is 0, no option is set. If port is 0, the system chooses one.
func boundTo(t *testing.T, option, port int) (windows.Handle, error) {
	t.Helper()
	socket, err := windows.Socket(windows.AF_INET, windows.SOCK_STREAM, windows.IPPROTO_TCP)
	require.NoError(t, err)
	t.Cleanup(func() { windows.Closesocket(socket) })
	if option != 0 {
		require.NoError(t, windows.SetsockoptInt(socket, windows.SOL_SOCKET, option, 1))
	}
	return socket, windows.Bind(socket, &windows.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port})
}
