package lab02_reuseaddr

import (
	"fmt"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// relation says how the addresses of two sockets on one port are related.
type relation string

const (
	same     relation = "the same address"
	wildcard relation = "an address and the wildcard" // in either order
	another  relation = "two loopback addresses"
)

// state is the state of the first socket when bind is called on the second one.
type state string

const (
	bound     state = "bound" // it listens after the second bind, before the second listen
	listening state = "listening"
)

// sharing is a row of the table: two sockets on one port, and the results of bind and listen on the second.
type sharing struct {
	address      relation
	first        option
	is           state
	second       option
	bind, listen result
}

// Which sockets can share a port with a live socket. If the addresses are the same, or one is the wildcard: with
// SO_REUSEADDR on each, both can be bound while neither listens, and then one can listen; with SO_REUSEPORT on each, both
// can listen. In all other cases, the second bind fails. A socket with both options works with a socket that has either
// one. On two loopback addresses, everything succeeds.
var sharings = []sharing{
	{address: same, first: none, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: same, first: none, is: bound, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: none, is: bound, second: reusePort, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: bound, second: reuseAddr, bind: ok, listen: inUse},
	{address: same, first: reuseAddr, is: bound, second: reusePort, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: bound, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: same, first: none, is: bound, second: both, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: bound, second: both, bind: ok, listen: inUse},
	{address: same, first: reusePort, is: bound, second: both, bind: ok, listen: ok},
	{address: same, first: both, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: same, first: both, is: bound, second: reuseAddr, bind: ok, listen: inUse},
	{address: same, first: both, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: same, first: both, is: bound, second: both, bind: ok, listen: ok},

	{address: same, first: none, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: same, first: none, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: none, is: listening, second: reusePort, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: listening, second: reusePort, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: same, first: none, is: listening, second: both, bind: inUse, listen: notCalled},
	{address: same, first: reuseAddr, is: listening, second: both, bind: inUse, listen: notCalled},
	{address: same, first: reusePort, is: listening, second: both, bind: ok, listen: ok},
	{address: same, first: both, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: same, first: both, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: same, first: both, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: same, first: both, is: listening, second: both, bind: ok, listen: ok},

	{address: wildcard, first: none, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: none, is: bound, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: none, is: bound, second: reusePort, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: bound, second: reuseAddr, bind: ok, listen: inUse},
	{address: wildcard, first: reuseAddr, is: bound, second: reusePort, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: bound, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: wildcard, first: none, is: bound, second: both, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: bound, second: both, bind: ok, listen: inUse},
	{address: wildcard, first: reusePort, is: bound, second: both, bind: ok, listen: ok},
	{address: wildcard, first: both, is: bound, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: both, is: bound, second: reuseAddr, bind: ok, listen: inUse},
	{address: wildcard, first: both, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: wildcard, first: both, is: bound, second: both, bind: ok, listen: ok},

	{address: wildcard, first: none, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: none, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: none, is: listening, second: reusePort, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: listening, second: reusePort, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: wildcard, first: none, is: listening, second: both, bind: inUse, listen: notCalled},
	{address: wildcard, first: reuseAddr, is: listening, second: both, bind: inUse, listen: notCalled},
	{address: wildcard, first: reusePort, is: listening, second: both, bind: ok, listen: ok},
	{address: wildcard, first: both, is: listening, second: none, bind: inUse, listen: notCalled},
	{address: wildcard, first: both, is: listening, second: reuseAddr, bind: inUse, listen: notCalled},
	{address: wildcard, first: both, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: wildcard, first: both, is: listening, second: both, bind: ok, listen: ok},

	{address: another, first: none, is: bound, second: none, bind: ok, listen: ok},
	{address: another, first: none, is: bound, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: none, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: bound, second: none, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: bound, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: another, first: reusePort, is: bound, second: none, bind: ok, listen: ok},
	{address: another, first: reusePort, is: bound, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: reusePort, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: another, first: none, is: bound, second: both, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: bound, second: both, bind: ok, listen: ok},
	{address: another, first: reusePort, is: bound, second: both, bind: ok, listen: ok},
	{address: another, first: both, is: bound, second: none, bind: ok, listen: ok},
	{address: another, first: both, is: bound, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: both, is: bound, second: reusePort, bind: ok, listen: ok},
	{address: another, first: both, is: bound, second: both, bind: ok, listen: ok},

	{address: another, first: none, is: listening, second: none, bind: ok, listen: ok},
	{address: another, first: none, is: listening, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: none, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: listening, second: none, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: listening, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: another, first: reusePort, is: listening, second: none, bind: ok, listen: ok},
	{address: another, first: reusePort, is: listening, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: reusePort, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: another, first: none, is: listening, second: both, bind: ok, listen: ok},
	{address: another, first: reuseAddr, is: listening, second: both, bind: ok, listen: ok},
	{address: another, first: reusePort, is: listening, second: both, bind: ok, listen: ok},
	{address: another, first: both, is: listening, second: none, bind: ok, listen: ok},
	{address: another, first: both, is: listening, second: reuseAddr, bind: ok, listen: ok},
	{address: another, first: both, is: listening, second: reusePort, bind: ok, listen: ok},
	{address: another, first: both, is: listening, second: both, bind: ok, listen: ok},
}

// TestWhoMayShareAPort: on one address, or on an address and the wildcard, two live sockets of one user and one IP version can
// be bound to one port if each has SO_REUSEADDR and neither listens yet. If each has SO_REUSEPORT, with or without
// SO_REUSEADDR, both can listen, too. Otherwise, the second bind fails. On two different loopback addresses, sockets never
// conflict.
//
// Claim: R1, R7.
// Verdict: holds.
//
// Source: TestReusePortIsForOneUser shows that a socket of another user can't share a port with SO_REUSEPORT.
func TestWhoMayShareAPort(t *testing.T) {
	t.Parallel()
	for _, row := range sharings {
		t.Run(fmt.Sprintf("%s/first %v and %s/second %v", row.address, row.first, row.is, row.second), func(t *testing.T) {
			x := harness.Start(t, harness.Linux)
			for _, hosts := range hostsOf(row.address) {
				first, second := open(t, x), open(t, x)
				require.NoError(t, row.first.set(first))
				require.NoError(t, row.second.set(second))
				port := bindToFreePort(t, x, first, hosts.first)
				if row.is == listening {
					require.NoError(t, unix.Listen(first, 1))
				}

				got := row
				got.bind, got.listen = resultOf(unix.Bind(second, x.Sockaddr(net.JoinHostPort(hosts.second, port)))), notCalled
				if got.bind == ok {
					require.NoError(t, unix.Listen(first, 1))
					got.listen = resultOf(unix.Listen(second, 1))
				}
				x.Outcome(harness.Server, "%s beside %s: bind: %s, listen: %s", hosts.second, hosts.first, got.bind, got.listen)
				assert.Empty(t, cmp.Diff(row, got, cmp.AllowUnexported(sharing{})), "%s beside %s (-want +got)", hosts.second, hosts.first)
			}
		})
	}
}

type hosts struct{ first, second string }

func hostsOf(addresses relation) []hosts {
	one, all := oneAndAll()
	switch addresses {
	case wildcard:
		return []hosts{{one, all}, {all, one}}
	case another:
		return []hosts{{one, anotherHost()}}
	default:
		return []hosts{{one, one}}
	}
}

// oneAndAll returns a loopback address and the wildcard address.
func oneAndAll() (one, all string) {
	if harness.Domain() == unix.AF_INET6 {
		return "::1", "::"
	}
	return "127.0.0.1", "0.0.0.0"
}
