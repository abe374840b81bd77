//go:build amd64 || arm64

// Command container runs a command as in a container without added capabilities: the kernel refuses it the same system calls.
//
//	container COMMAND [ARGUMENT]…
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"socketlabs/harness/refuse"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "container: name the command to run")
		os.Exit(2)
	}
	path, err := exec.LookPath(os.Args[1])
	if err == nil {
		err = refuse.OnThisThread(refused()...)
	}
	if err == nil {
		err = syscall.Exec(path, os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, "container:", err)
	os.Exit(2)
}
