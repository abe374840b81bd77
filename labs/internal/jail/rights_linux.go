package jail

import (
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// giveUpRights sees to it that what this thread starts has no capabilities and gets none: capabilities(7).
func giveUpRights() error {
	err := errors.Join(
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
	)
	for right := uintptr(0); err == nil; right++ {
		err = unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0)
	}
	// EINVAL: the last that there is was the one before. EPERM: an ordinary user, without walls, has none to give up.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM) {
		return inheritNothing()
	}
	return os.NewSyscallError("prctl", err)
}

// inheritNothing takes the inheritable capabilities from this thread. A root for whom there is no nobody would get them back with
// the program.
func inheritNothing() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // of 32 capabilities each
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0
	return os.NewSyscallError("capset", unix.Capset(&header, &sets[0]))
}

// forgetKeys sees to it that what this thread starts has none of the keys of the session in which somebody grades, and can leave
// none there: session-keyring(7). Where the kernel has no keys, or a container lets nobody have them, there is nothing to forget.
func forgetKeys() error {
	_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		return nil
	}
	return os.NewSyscallError("keyctl", err)
}

// keepOut keeps all others of the same user out of this process, until letIn: PR_SET_DUMPABLE in prctl(2).
func keepOut() error {
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
}

// letIn lets the grader see again which descriptors this process has.
func letIn() error { return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)) }

// setLimits limits this process and what it starts: getrlimit(2). The inner process needs little of any of them.
func (p Plan) setLimits() error {
	limits := map[int]uint64{
		unix.RLIMIT_CPU:    uint64(math.Ceil(p.CPU.Seconds())),
		unix.RLIMIT_DATA:   uint64(p.Memory),
		unix.RLIMIT_FSIZE:  uint64(p.File),
		unix.RLIMIT_NOFILE: uint64(p.Open),
		unix.RLIMIT_NPROC:  uint64(p.Processes),
	}
	if !p.Walls || !countsByNamespace() {
		delete(limits, unix.RLIMIT_NPROC) // all that this user runs would count
	}
	for which, limit := range limits {
		if limit == 0 {
			continue
		}
		var now unix.Rlimit
		if err := unix.Getrlimit(which, &now); err != nil {
			return err
		}
		limit = min(limit, now.Max)
		if err := unix.Setrlimit(which, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	// Where memory is short, the kernel ends the program first, whatever kind of memory it has: proc_pid_oom_score_adj(5).
	return os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0o644)
}

// countsByNamespace reports whether the kernel counts the processes of a user in each user namespace: since Linux 5.14.
func countsByNamespace() bool {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return false
	}
	var major, minor int
	fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	return major > 5 || major == 5 && minor >= 14
}
