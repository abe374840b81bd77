package grade

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// endingWithParent makes the kernel kill a process when the thread that started it ends: prctl(2),
// PR_SET_PDEATHSIG.
func endingWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// killMarked kills the processes that have place in their environment: those that come from the
// exercise which has it for its temporary files, also if they have a session of their own by now.
func killMarked(place string) {
	mark := []byte("TMPDIR=" + place + "\x00")
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(environment, mark) {
			continue // another user's, or over
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
