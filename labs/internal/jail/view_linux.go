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

// insidePath is what the program is called within walls.
const insidePath = "/program"

// room is how much the program may write, and few how many files: options of tmpfs(5).
const (
	room = "size=64m"
	few  = "nr_inodes=4096"
)

// shared is what the program sees of the system, if that has it: programs and what they need to run.
var shared = []string{"/bin", "/lib", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"}

// devices are the files of /dev that the program sees.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// hosts is what the program reads of /etc: the one name that it can reach.
const hosts = "127.0.0.1 localhost\n::1 localhost\n"

// buildView gives this process another root folder, in a mount namespace of its own: mount_namespaces(7). Nothing else can
// be reached from there.
func buildView(program *os.File) error {
	// The folder of the program is there to mount the new root on, and hidden by it then.
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
		// pivot_root(2) says why this needs no other folder for the old root.
		unix.Chdir(root), unix.PivotRoot(".", "."), unix.Unmount(".", unix.MNT_DETACH), unix.Chdir("/"),
		// No namespaces within, where the program would have rights of a kind.
		os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0o644),
		// Root's own files are the machine's, even to a root without rights.
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

// show puts a file or a folder of the system into the new root, where it can be read only. What the system doesn't have is
// left out.
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
	if target, isLink := os.Readlink(path); isLink == nil && as == path { // as where /bin is in /usr
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
	var mounted unix.Statfs_t
	if err := unix.Statfs(at, &mounted); err != nil {
		return err
	}
	// Those of its flags that the mount came with are locked; their names in statfs(2) have the numbers of those here.
	locked := uintptr(mounted.Flags) & (unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	flags := unix.MS_REMOUNT | unix.MS_BIND | unix.MS_RDONLY | unix.MS_NOSUID | locked
	if is.IsDir() {
		flags |= unix.MS_NODEV
	}
	return os.NewSyscallError("remount "+path, unix.Mount("", at, "", flags, ""))
}

// pathOf is a path to an open file that works whatever is above it.
func pathOf(file *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(file.Fd())) }
