package kernel

import (
	"runtime"

	"golang.org/x/sys/unix"

	"socketlabs/harness/internal/system"
)

// AnotherUsersID is the ID of a user who is not root: the user nobody, on most systems.
const AnotherUsersID = 65534

// AsAnotherUser makes a call with the filesystem user ID AnotherUsersID: a socket that the call opens belongs to that
// user. Only the calling thread's ID changes: setfsuid(2).
func AsAnotherUser(call func()) {
	runtime.LockOSThread()
	own, _ := unix.SetfsuidRetUid(AnotherUsersID)
	call()
	unix.SetfsuidRetUid(own)
	runtime.UnlockOSThread()
}

// anotherUserMissing tries to become another user. The system call returns the previous ID, and no error.
func anotherUserMissing() (missing string) {
	AsAnotherUser(func() {
		const none = -1 // changes nothing
		if is, _ := unix.SetfsuidRetUid(none); is != AnotherUsersID || unix.Geteuid() == AnotherUsersID {
			missing = "this process may not open sockets as another user; run it as root; " + system.InGuest
		}
	})
	return missing
}
