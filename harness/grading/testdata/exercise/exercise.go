// Package exercise is what students write, right and wrong.
package exercise

import (
	"net"
	"os"
	"os/exec"

	"socketlabs/harness/grading"
)

func Returns() {}

func Panics() { panic("as asked") }

func IsNotBegun() { panic(grading.NotBegun) }

func Waits(until <-chan struct{}) { <-until }

func LeavesGoroutine(until <-chan struct{}) {
	begun := make(chan struct{})
	go func() {
		close(begun)
		Waits(until)
	}()
	<-begun
}

// LeavesForeignGoroutine leaves one that never runs code of this package.
func LeavesForeignGoroutine(wait func()) { go wait() }

var left any // what nothing else refers to any more would be closed

func LeavesSocket(network, address string) {
	var err error
	if left, err = net.Listen(network, address); err != nil {
		panic(err)
	}
}

func LeavesDatagramSocket() {
	var err error
	if left, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
		panic(err)
	}
}

// LeavesProcess starts this test binary again, with nothing to run.
func LeavesProcess() {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	left = cmd
}
