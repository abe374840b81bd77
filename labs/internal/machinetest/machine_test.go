package machinetest

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
	"socketlabs/harness/wire"
)

func TestMain(m *testing.M) { harness.Main(m, wire.Watch) }

// needs are all needs that an experiment can have.
var needs = slices.Concat(harness.Needs, kernel.Needs, []harness.Need{
	link.VanishingPeers, peer.UnansweredConnects, process.Processes, process.Python, wire.Capture,
})

func TestMachine(t *testing.T) {
	is := func(name, value string) { t.Attr("is/"+strings.ReplaceAll(name, " ", "_"), value) }
	can := func(name, says, missing string) {
		t.Attr("says/"+name, says)
		t.Attr("can/"+name, missing)
	}

	is("kernel", system())
	is("Go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH))
	is("processors", fmt.Sprint(runtime.NumCPU()))
	is("user", user())
	is("descriptors", descriptors())
	is("clock tick", clockTick())
	is("loopback", loopback())

	can("IPv6", "experiments can run over ::1, with LABS_IP=6", ipv6Missing())
	for _, n := range needs {
		can(n.Name, n.Says, n.Missing())
	}
}

// loopback says on which loopback the experiments run, and with which address.
func loopback() string {
	host, _, err := net.SplitHostPort(harness.Loopback())
	if err != nil {
		return err.Error()
	}
	if harness.PrivateLoopback.Missing() != "" {
		return host + ", the machine's own"
	}
	return host + ", private: in a network namespace of its own"
}

func user() string {
	switch os.Geteuid() {
	case 0:
		return "root, which no experiment needs"
	case -1: // Windows
		return "unknown"
	default:
		return "not root"
	}
}

func ipv6Missing() string {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return fmt.Sprintf("%v; turn IPv6 on; everything but LABS_IP=6 works without it", err)
	}
	listener.Close()
	return ""
}
