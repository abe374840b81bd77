package system

import "os"

// InGuest is the remedy for what any Linux kernel can show.
const InGuest = "go run ./labs run --on guest runs it in QEMU"

// OnLinux is the remedy for all that only Linux can show.
const OnLinux = "run it on Linux, where a virtual machine, WSL 2 or a container will do; " + InGuest

// SelfMissing says why we can't start our own program again: Linux finds its path in /proc.
func SelfMissing() string {
	if _, err := os.Executable(); err != nil {
		return err.Error() + "; mount /proc"
	}
	return ""
}
