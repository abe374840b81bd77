package timemachine

import (
	"os/exec"
	"syscall"
)

// dieWithUs makes the kernel kill the command when the thread that started it ends, even if we are killed and
// can't end it: prctl(2). It also keeps the terminal's ^C from the command, because we end it ourselves.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
