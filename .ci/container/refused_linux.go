//go:build amd64 || arm64

package main

import (
	"golang.org/x/sys/unix"

	"socketlabs/harness/refuse"
)

// namespaces are the flags of clone(2) that make a namespace. clone(2) can't make a time namespace.
const namespaces = unix.CLONE_NEWCGROUP | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID |
	unix.CLONE_NEWUSER | unix.CLONE_NEWUTS

// refused are the system calls that Docker's list refuses to a container without added capabilities: seccomp/default.json of
// github.com/moby/profiles, at commit cd3bed8 of June 2026. That list has the allowed calls; this one has all others that exist
// on both amd64 and arm64. ptrace(2) and process_vm_readv(2) are allowed since Linux 4.8.
func refused() []refuse.Call {
	calls := []refuse.Call{
		{Number: unix.SYS_CLONE, Args: []refuse.Arg{refuse.HasAny(0, namespaces)}, Errno: unix.EPERM},
		{Number: unix.SYS_CLONE3, Errno: unix.ENOSYS}, // so that libraries call clone(2), whose flags a filter can see
		refuse.Socket(unix.AF_ALG, unix.EPERM),
		refuse.Socket(unix.AF_VSOCK, unix.EPERM),
		{Number: unix.SYS_PERSONALITY, Args: []refuse.Arg{
			refuse.IsNot(0, personalityLinux), refuse.IsNot(0, personalityLinux32), refuse.IsNot(0, uname26),
			refuse.IsNot(0, uname26|personalityLinux32), refuse.IsNot(0, whichPersonality),
		}, Errno: unix.EPERM},
	}
	for _, number := range []int{
		// Allowed only with CAP_SYS_ADMIN.
		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_MOUNT_SETATTR,
		unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_SYSLOG, unix.SYS_FANOTIFY_INIT, unix.SYS_LOOKUP_DCOOKIE,
		unix.SYS_LSM_GET_SELF_ATTR, unix.SYS_LSM_SET_SELF_ATTR, unix.SYS_LSM_LIST_MODULES,
		// Allowed only with CAP_SYS_PTRACE.
		unix.SYS_KCMP, unix.SYS_PIDFD_GETFD, unix.SYS_PROCESS_MADVISE,
		// Allowed only with CAP_SYS_NICE.
		unix.SYS_GET_MEMPOLICY, unix.SYS_SET_MEMPOLICY, unix.SYS_MBIND, unix.SYS_SET_MEMPOLICY_HOME_NODE,
		// Allowed only with other capabilities.
		unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_REBOOT, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
		unix.SYS_ACCT, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_VHANGUP,
		// Never allowed.
		unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_USERFAULTFD,
		unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
		unix.SYS_PIVOT_ROOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD,
		unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_NFSSERVCTL,
	} {
		calls = append(calls, refuse.Call{Number: number, Errno: unix.EPERM})
	}
	// System calls that are newer than the list: runc refuses them with this error.
	for number := newest + 1; number < end; number++ {
		calls = append(calls, refuse.Call{Number: number, Errno: unix.ENOSYS})
	}
	return calls
}

// The personalities that are allowed. Their names in sys/personality.h are PER_LINUX, PER_LINUX32 and UNAME26. The last value
// only asks for the current one.
const (
	personalityLinux   = 0
	personalityLinux32 = 0x8
	uname26            = 0x20000
	whichPersonality   = 0xffffffff
)

const (
	newest = unix.SYS_REMOVEXATTRAT // the newest call of the list: Linux 6.13
	end    = 512                    // on amd64, x32 calls have numbers from here on
)
