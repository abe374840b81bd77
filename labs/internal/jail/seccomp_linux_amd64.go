package jail

import "golang.org/x/sys/unix"

// refusedHere are the older forms of system calls in refused. Only amd64 has them.
var refusedHere = []uint32{
	unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT, unix.SYS_INOTIFY_INIT,
}
