package doctor

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"socketlabs/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func TestMachine(t *testing.T) {
	is := func(name, value string) { t.Attr("is/"+strings.ReplaceAll(name, " ", "_"), value) }
	can := func(name, missing string) { t.Attr("can/"+name, missing) }

	is("kernel", kernel())
	is("Go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH))
	is("processors", fmt.Sprint(runtime.NumCPU()))
	is("user", user())
	is("descriptors", descriptors())
	is("clock tick", clockTick())

	can("IPv6", ipv6Missing())
	for _, n := range needs {
		can(n.name, n.need.Missing())
	}
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
