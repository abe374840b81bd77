package lab01_timeout

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// blockSignals blocks all signals in this goroutine's thread until restore is called. Go's runtime sends SIGURG to its
// threads. If a signal interrupts a call on a socket with SO_RCVTIMEO or SO_SNDTIMEO, the kernel does not restart the
// call: it fails with EINTR. See signal(7).
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
