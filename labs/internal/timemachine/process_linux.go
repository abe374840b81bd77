package timemachine

import (
	"os/exec"
	"syscall"
)

// dieWithUs makes the command end when the thread that started it does, even when we are killed and
// can't end it: prctl(2). It keeps the ^C of the terminal from it: we end it ourselves.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
