package harness

import (
	"fmt"
	"net"
	"runtime"
	"sync/atomic"
	"testing"

	"socketlabs/harness/skip"
)

// Need is something that an experiment can't do without and not every system has.
type Need struct {
	name string
	// missing says why this system does not have it and what would make the experiment run; it is
	// empty if all is well.
	missing func() string
}

// Missing says why this system does not have what is needed, and what would make the experiments run
// that need it. It is empty if all is well.
func (n Need) Missing() string { return n.missing() }

// What experiments may need.
var (
	// Linux: the behaviour, or the call that shows it, is Linux's own.
	Linux = Need{"Linux", func() string { return linuxMissing }}

	// Wire: the segments that are sent over the loopback can be captured.
	Wire = Need{"Wire", captureMissing}

	// VanishingPeers: the host of a peer can be made to go silent.
	VanishingPeers = Need{"VanishingPeers", vanishingMissing}

	// UnansweredConnects: a listener with a full backlog does not answer at all.
	UnansweredConnects = Need{"UnansweredConnects", func() string { return linuxMissing }}

	// KeepaliveReadBack: a connection's keepalive options can be read back.
	KeepaliveReadBack = Need{"KeepaliveReadBack", func() string { return keepaliveMissing }}

	// ManyDescriptors: this process may have some thousand files open at once.
	ManyDescriptors = Need{"ManyDescriptors", func() string {
		const enough = 2000 // for 800 connections, and all that runs beside
		if limit := maxDescriptors(); limit < enough {
			return fmt.Sprintf("this process may have %d descriptors; raise the hard limit: ulimit -Hn %d", limit, enough)
		}
		return ""
	}}

	// PartialWrites: a write that timed out says how much of it the kernel has taken.
	PartialWrites = Need{"PartialWrites", func() string {
		if runtime.GOOS == "windows" {
			return "Windows cancels a write without saying how much of it was taken; " + onLinux
		}
		return ""
	}}

	// SocketTable: the kernel lets us look at its table of sockets.
	SocketTable = Need{"SocketTable", socketTableMissing}

	// Processes: a process can be killed, stopped and continued.
	Processes = Need{"Processes", func() string { return signalsMissing }}

	// PrivateLoopback: the network namespace is the experiments' own.
	PrivateLoopback = Need{"PrivateLoopback", privateLoopbackMissing}

	// SystemSettings: the system-wide settings are the private loopback's, and can be changed.
	SystemSettings = Need{"SystemSettings", systemSettingsMissing}

	// PortRanges: a socket can have a range of its own for the local port that the kernel chooses.
	PortRanges = Need{"PortRanges", portRangesMissing}

	// LoopbackMulticast: what is sent to a group by way of the loopback is received there.
	LoopbackMulticast = Need{"LoopbackMulticast", func() string {
		if setting("LABS_IP") == "6" {
			return "the loopback has no route to the groups of IPv6; set LABS_IP=4"
		}
		return linuxMissing
	}}

	// LongTimers: the experiment waits for timers of minutes or hours.
	LongTimers = Need{"LongTimers", func() string {
		if setting("LABS_LONG") == "on" {
			return ""
		}
		return "its timers take minutes; to wait for them, set LABS_LONG=on and give go test -timeout 2h"
	}}
)

// onLinux is the remedy for all that only Linux can show.
const onLinux = "run it on Linux, where a virtual machine, WSL 2 or a container will do"

// skipped counts the experiments whose needs were not met.
var skipped atomic.Int32

func skipUnlessMet(t testing.TB, needs []Need) {
	t.Helper()
	for _, need := range append([]Need{theLoopback}, needs...) {
		if missing := need.missing(); missing != "" {
			skipped.Add(1)
			skip.Needs(t, need.name, missing)
		}
	}
}

// theLoopback is a need of every experiment: that the address it is asked to use is there.
var theLoopback = Need{"a loopback address", func() string {
	setting("LABS_SANDBOX") // for go test's cache: see setting
	listener, err := net.Listen("tcp", Loopback())
	if err != nil {
		return fmt.Sprintf("LABS_IP=%s, and %v; use the other kind of address, or turn this one on", setting("LABS_IP"), err)
	}
	listener.Close()
	return ""
}}
