package kernel

import (
	"runtime"

	"golang.org/x/sys/unix"

	"socketlabs/harness/internal/system"
)

// AnotherUsersID is that of a user who is not root: nobody, on most systems.
const AnotherUsersID = 65534

// AsAnotherUser makes a call as the user AnotherUsersID, as far as the kernel asks who opens a file: a socket that the call opens
// is that user's. It is about the thread of the call only: setfsuid(2).
func AsAnotherUser(call func()) {
	runtime.LockOSThread()
	own, _ := unix.SetfsuidRetUid(AnotherUsersID)
	call()
	unix.SetfsuidRetUid(own)
	runtime.UnlockOSThread()
}

// anotherUserMissing tries to be another user. The call that sets the ID returns the one before, and no error.
func anotherUserMissing() (missing string) {
	AsAnotherUser(func() {
		const none = -1 // changes nothing
		if is, _ := unix.SetfsuidRetUid(none); is != AnotherUsersID || unix.Geteuid() == AnotherUsersID {
			missing = "this process may not open sockets as another user; run it as root; " + system.InGuest
		}
	})
	return missing
}
