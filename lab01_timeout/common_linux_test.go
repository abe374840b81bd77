package lab01_timeout

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// blockSignals keeps signals from the thread of this goroutine until restore is called. Go's runtime
// sends its threads SIGURG, and the kernel does not restart a call that has a timeout of its own,
// but ends it with EINTR: signal(7).
func blockSignals() (restore func()) {
	var all, before unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	runtime.LockOSThread()
	unix.PthreadSigmask(unix.SIG_BLOCK, &all, &before)
	return func() {
		unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
		runtime.UnlockOSThread()
	}
}
