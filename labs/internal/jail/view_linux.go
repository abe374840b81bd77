package jail

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// insidePath is the path of the program within walls.
const insidePath = "/program"

// room is how much the program may write, and few is how many files: options of tmpfs(5).
const (
	room = "size=64m"
	few  = "nr_inodes=4096"
)

// shared are the folders of the system that the program sees, if they exist: programs and what they need to run.
var shared = []string{"/bin", "/lib", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"}

// devices are the files of /dev that the program sees.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// hosts is the program's /etc/hosts, the only file in its /etc: the one name that it can reach.
const hosts = "127.0.0.1 localhost\n::1 localhost\n"

// buildView gives this process another root folder, in its mount namespace: mount_namespaces(7). Nothing outside of it can be
// reached from there.
func buildView(program *os.File) error {
	// The new root is mounted on the program's folder, because that exists. The mount then hides it.
	root := filepath.Dir(program.Name())
	err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("jail", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, room+","+few+",mode=755"),
	)
	if err != nil {
		return fmt.Errorf("mount a new root: %w", err)
	}
	for _, path := range append(shared, devices...) {
		if err := show(path, path, root); err != nil {
			return err
		}
	}
	if err := show(pathOf(program), insidePath, root); err != nil {
		return err
	}
	return errors.Join(
		os.Mkdir(filepath.Join(root, "etc"), 0o755),
		os.WriteFile(filepath.Join(root, "etc", "hosts"), []byte(hosts), 0o644),
		mountNew("proc", filepath.Join(root, "proc"), unix.MS_NOEXEC, "hidepid=2"),
		mountNew("tmpfs", filepath.Join(root, workingFolder), 0, room+","+few+",mode=1777"),
		unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""),
		// pivot_root(2) explains why the old root needs no folder of its own.
		unix.Chdir(root), unix.PivotRoot(".", "."), unix.Unmount(".", unix.MNT_DETACH), unix.Chdir("/"),
		// The program must not make namespaces, in which it would have capabilities.
		os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0o644),
		// Read-only, because root owns files in /proc that change the machine, and may write to them even without capabilities.
		unix.Mount("", "/proc", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOEXEC|unix.MS_NOSUID|unix.MS_NODEV, ""),
	)
}

// mountNew mounts a file system of the jail's own.
func mountNew(kind, on string, flags uintptr, options string) error {
	if err := os.Mkdir(on, 0o755); err != nil {
		return err
	}
	return os.NewSyscallError("mount "+kind, unix.Mount("jail", on, kind, flags|unix.MS_NOSUID|unix.MS_NODEV, options))
}

// show puts a file or a folder of the system into the new root, read-only. It does nothing if the system does not have it.
func show(path, as, root string) error {
	at := filepath.Join(root, as)
	is, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		err = os.MkdirAll(filepath.Dir(at), 0o755)
	}
	if err != nil {
		return err
	}
	if target, isLink := os.Readlink(path); isLink == nil && as == path { // on systems where /bin is a link to /usr/bin
		return os.Symlink(target, at)
	}
	if is.IsDir() {
		err = os.Mkdir(at, 0o755)
	} else {
		err = os.WriteFile(at, nil, 0o644)
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(path, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s: %w", path, err)
	}
	set := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if is.IsDir() {
		set.Attr_set |= unix.MOUNT_ATTR_NODEV
	}
	if unix.MountSetattr(unix.AT_FDCWD, at, unix.AT_RECURSIVE, &set) == nil { // also of what is mounted below
		return nil
	}
	// Before Linux 5.12, it changes only this mount.
	var mounted unix.Statfs_t
	if err := unix.Statfs(at, &mounted); err != nil {
		return err
	}
	// The flags that the mount already has are locked, so the remount has to keep them. In statfs(2) they have the same values.
	locked := uintptr(mounted.Flags) & (unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	flags := unix.MS_REMOUNT | unix.MS_BIND | unix.MS_RDONLY | unix.MS_NOSUID | locked
	if is.IsDir() {
		flags |= unix.MS_NODEV
	}
	return os.NewSyscallError("remount "+path, unix.Mount("", at, "", flags, ""))
}

// pathOf is a path to an open file that works even if the file's folders can't be reached.
func pathOf(file *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(file.Fd())) }
