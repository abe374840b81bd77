package jail

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the rules of a jail without walls allow: landlock(7).
const (
	mayRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayRun   = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE
	mayWrite = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	ofFiles  = mayRun | mayWrite
)

// What the rules restrict, and the first version of Landlock that can restrict it. What is restricted is denied unless a rule
// allows it.
const (
	files       = 1<<13 - 1 // since version 1, in Linux 5.13
	truncations = unix.LANDLOCK_ACCESS_FS_TRUNCATE
	scopes      = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET

	withTruncations = 3 // in Linux 6.2
	withScopes      = 6 // in Linux 6.12
)

// shutFiles restricts what this thread starts: it can read only a few files, write only to devices, and not look into
// processes outside. It does nothing if the kernel has no Landlock.
func shutFiles(program *os.File) error {
	version := rulesVersion()
	if version == 0 {
		return nil
	}
	attributes := unix.LandlockRulesetAttr{Handled_access_fs: files}
	if version >= withTruncations {
		attributes.Handled_access_fs |= truncations
	}
	if version >= withScopes {
		attributes.Scoped = scopes
	}
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes), 0)
	if errno != 0 {
		return os.NewSyscallError("landlock_create_ruleset", errno)
	}
	defer unix.Close(int(rules))
	allowed := map[string]uint64{"/proc": mayRead, "/etc/hosts": mayRead, program.Name(): mayRun}
	for _, path := range shared {
		allowed[path] = mayRead | mayRun
	}
	for _, path := range devices {
		allowed[path] = mayWrite
	}
	for path, access := range allowed {
		if err := allow(int(rules), path, access); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil { // landlock_restrict_self(2) requires it
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); errno != 0 {
		return os.NewSyscallError("landlock_restrict_self", errno)
	}
	return nil
}

// rulesVersion is the version of the kernel's Landlock; 0 if it has none.
func rulesVersion() int {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(version)
}

// allow allows access to a file, or to everything below a folder. A file that does not exist needs no rule.
func allow(rules int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var is unix.Stat_t
	if err := unix.Fstat(fd, &is); err != nil {
		return err
	}
	if is.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= ofFiles
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
