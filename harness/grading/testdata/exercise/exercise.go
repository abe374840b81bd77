// Package exercise is what students write, right and wrong.
//
//   - nothing-left: Nothing is left behind.
package exercise

import (
	"fmt"
	"net"
	"os"
	"os/exec"

	"socketlabs/harness/grading"
)

func Returns() {}

// StudentHangs is a task.
//
//   - it-hangs: Whoever calls it has to wait.
func StudentHangs() { select {} }

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

// LeavesForeignGoroutine leaves a goroutine that never runs code of this package.
func LeavesForeignGoroutine(wait func()) { go wait() }

var left any // keeps a reference: the garbage collector would close a listener that nothing refers to

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

func Exits(status int) { os.Exit(status) }

func PanicsElsewhere() {
	go panic("as asked")
	select {}
}

// CallsItself needs more stack than it may have.
func CallsItself(n int) int { return CallsItself(n+1) + n }

func PrintsWithoutEnd() {
	for {
		fmt.Println("for ever")
	}
}

func Prints(text string) { fmt.Println(text) }

// ClosesChannel closes the channel to the grader, which a student's code should know nothing about.
func ClosesChannel() {
	os.NewFile(1, "").Close()
	select {}
}
