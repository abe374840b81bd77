package exercise_test

import (
	_ "embed"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/wire"
)

//go:embed exercise.go
var tasks string

func TestMain(m *testing.M) { grading.Main(m, wire.Watch, tasks) }

// The addresses on which servers listen depend on the machine.

// anyFamily returns a loopback address with port 0, of one of the address families that this machine has.
func anyFamily() string {
	if harness.BothFamilies.Missing() == "" && rand.N(2) == 0 {
		return "[::1]:0"
	}
	return harness.Loopback()
}

// loopbacks returns loopback addresses of this machine: one of each family, and on Linux two more.
func loopbacks() (hosts []string) {
	for _, host := range grading.Hosts() {
		hosts = append(hosts, host.String())
	}
	if runtime.GOOS == "linux" { // on other systems, the loopback has only one IPv4 address
		hosts = append(hosts, "127.0.0.2", "127.0.0.3")
	}
	return hosts
}

// addLinkLocal gives the loopback interface the address fe80::1, if the grader has a network namespace of its own.
var addLinkLocal = func() {} // on Linux, driver_options_linux_test.go sets it

// zoned returns addresses of the loopback interface with their zone, a name or a number: RFC 4007, section 11. The loopback address may
// have one, and a link-local address must.
func zoned() (hosts []string) {
	if runtime.GOOS != "linux" {
		return nil
	}
	addLinkLocal()
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback == 0 {
			continue
		}
		addrs, _ := i.Addrs()
		for _, addr := range addrs {
			if ip := addr.(*net.IPNet).IP; ip.To4() == nil && canListen(ip.String()+"%"+i.Name) {
				hosts = append(hosts, ip.String()+"%"+i.Name, ip.String()+"%"+strconv.Itoa(i.Index))
			}
		}
	}
	return hosts
}

// localhosts returns the loopback addresses that the name localhost stands for, if this machine has them: it may have no ::1.
func localhosts() (hosts []string) {
	found, _ := net.LookupHost("localhost")
	return slices.DeleteFunc(found, func(host string) bool { return !net.ParseIP(host).IsLoopback() || !canListen(host) })
}

func canListen(host string) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		listener.Close()
	}
	return err == nil
}
