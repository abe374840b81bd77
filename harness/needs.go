package harness

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"socketlabs/harness/internal/system"
	"socketlabs/harness/netns"
	"socketlabs/harness/skip"
)

// Need is something that an experiment requires, and that not every system has.
type Need struct {
	Name string
	Says string // what it is, in a sentence
	// Missing says why this system does not have it, and how to make the experiments that need it run. It returns an
	// empty string if this system has it.
	Missing func() string

	Wire bool // the experiment looks at the wire
}

// What experiments may need. The packages of the harness have more needs.
var (
	Linux = Need{
		Name: "Linux", Says: "the behavior, or the call that shows it, is Linux's own",
		Missing: func() string { return system.LinuxMissing },
	}
	ManyDescriptors = Need{
		Name: "ManyDescriptors", Says: "this process may have a few thousand files open at once",
		Missing: descriptorsMissing,
	}
	PartialWrites = Need{
		Name: "PartialWrites", Says: "a write that times out returns how many of its bytes the kernel has taken",
		Missing: partialWritesMissing,
	}
	PrivateLoopback = Need{
		Name: "PrivateLoopback", Says: "the network namespace is the experiments' own",
		Missing: privateLoopbackMissing,
	}
	BothFamilies = Need{
		Name: "BothFamilies", Says: "the loopback has an address of IPv4 and one of IPv6",
		Missing: bothFamiliesMissing,
	}
	LoopbackMulticast = Need{
		Name: "LoopbackMulticast", Says: "a datagram sent to a multicast group over the loopback is received there",
		Missing: multicastMissing,
	}
	RefusedDatagrams = Need{
		Name: "RefusedDatagrams", Says: "a connected UDP socket learns that its peer's host has refused a datagram",
		Missing: refusalsMissing,
	}
	LongTimers = Need{
		Name: "LongTimers", Says: "the experiment waits for timers of minutes or hours",
		Missing: longTimersMissing,
	}

	Needs = []Need{
		Linux, ManyDescriptors, PartialWrites, PrivateLoopback, BothFamilies, LoopbackMulticast, RefusedDatagrams, LongTimers,
	}
)

func descriptorsMissing() string {
	const enough = 2000 // for 800 connections, and for what else runs at the same time
	if limit := system.MaxDescriptors(); limit < enough {
		return fmt.Sprintf("this process may have only %d descriptors; raise the hard limit: ulimit -Hn %d", limit, enough)
	}
	return ""
}

func partialWritesMissing() string {
	if runtime.GOOS == "windows" {
		return "Windows cancels a write without saying how much of it was taken; " + system.OnLinux
	}
	return ""
}

// privateLoopbackMissing says why this process is not in a network namespace of its own.
func privateLoopbackMissing() string {
	switch {
	case system.LinuxMissing != "":
		return system.LinuxMissing
	case netns.IsPrivate():
		return ""
	case system.Setting("LABS_SANDBOX") == "off":
		return "LABS_SANDBOX=off asks for the machine's own loopback; leave it out"
	case system.SelfMissing() != "":
		return system.SelfMissing()
	default:
		return "this user may not make namespaces here; run it as root, or allow user namespaces " +
			"(kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu); " + system.InGuest
	}
}

func bothFamiliesMissing() string {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err.Error() + "; turn on the IP version that the loopback lacks"
		}
		listener.Close()
	}
	return ""
}

func multicastMissing() string {
	if system.IPv6() {
		return "the loopback has no route to IPv6 multicast groups; set LABS_IP=4"
	}
	return system.LinuxMissing
}

func refusalsMissing() string {
	if runtime.GOOS == "windows" {
		return "Go turns this off on Windows (SIO_UDP_CONNRESET); " + system.OnLinux
	}
	return ""
}

func longTimersMissing() string {
	if system.Setting("LABS_LONG") == "on" {
		return ""
	}
	return "its timers take minutes or hours; go run ./labs timemachine NAME runs it in seconds; to wait for them, " +
		"set LABS_LONG=on and give go test -timeout 3h"
}

// skipped counts the experiments whose needs were not met.
var skipped atomic.Int32

func skipUnlessMet(t testing.TB, needs []Need) {
	t.Helper()
	tellNeeds(t, needs)
	for _, need := range append([]Need{theLoopback}, needs...) {
		if missing := need.Missing(); missing != "" {
			skipFor(t, need, missing)
		}
	}
}

// tellNeeds tells programs what an experiment needs, whether this system has it or not.
func tellNeeds(t testing.TB, needs []Need) {
	if !tellsData() || len(needs) == 0 {
		return
	}
	var names []string
	for _, need := range needs {
		names = append(names, need.Name)
	}
	t.Attr(skip.Attribute, strings.Join(names, skip.Between))
}

// Skip skips the experiment, because what it needs is missing after all.
func (x *Experiment) Skip(need Need, missing string) {
	x.t.Helper()
	skipFor(x.t, need, missing)
}

func skipFor(t testing.TB, need Need, missing string) {
	t.Helper()
	skipped.Add(1)
	skip.Needs(t, need.Name, missing)
}
