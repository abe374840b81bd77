package jail

import (
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// giveUpRights makes sure that what this thread starts has no capabilities and can't get any: capabilities(7).
func giveUpRights() error {
	err := errors.Join(
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
	)
	for right := uintptr(0); err == nil; right++ {
		err = unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0)
	}
	// EINVAL: there are no more capabilities. EPERM: an ordinary user, without walls, has none to give up.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM) {
		return inheritNothing()
	}
	return os.NewSyscallError("prctl", err)
}

// inheritNothing removes this thread's inheritable capabilities. A root that can't become nobody would get them back when it
// executes the program.
func inheritNothing() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // 32 capabilities in each
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0
	return os.NewSyscallError("capset", unix.Capset(&header, &sets[0]))
}

// forgetKeys makes sure that what this thread starts can't use the keys of the session of the person who grades, and can't add
// any: session-keyring(7). If the kernel has no keys, or a container forbids them, there is nothing to forget.
func forgetKeys() error {
	_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		return nil
	}
	return os.NewSyscallError("keyctl", err)
}

// keepOut hides this process from other processes of the same user, until letIn: PR_SET_DUMPABLE in prctl(2).
func keepOut() error {
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
}

// letIn ends keepOut, because the grader must see which descriptors this process has open.
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
		delete(limits, unix.RLIMIT_NPROC) // the limit would count all processes of this user
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
	// If the machine runs out of memory, the kernel kills the program first: proc_pid_oom_score_adj(5). That also covers memory
	// that RLIMIT_DATA does not count.
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
