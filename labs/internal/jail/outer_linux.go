package jail

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading/report"
)

// nobody is the user that the program runs as if root starts it. Within walls, that is what the namespace calls a user that only this
// program has: see ownUser.
const nobody = 65534

// becomesNobody reports whether the program must run as nobody, and can: it must if root starts it, and it can't if this user
// namespace has no nobody, because it has only one user.
func becomesNobody() bool {
	return os.Getuid() == 0 && areMapped(nobody)
}

// ownUser is the number of a user, and of a group, that no other program has. What the kernel allows a user in all, such as what
// epoll(7) may watch, then can't be used up by the programs of other students. If this user namespace has too few users, it is nobody.
func ownUser() int {
	const first = 0x78000000 // systems and containers give out lower numbers
	if own := first + os.Getpid(); areMapped(own) {
		return own
	}
	return nobody
}

func areMapped(id int) bool {
	return isMapped("/proc/self/uid_map", id) && isMapped("/proc/self/gid_map", id)
}

// isMapped reports whether a number is among those of the users, or the groups, of this user namespace: user_namespaces(7).
func isMapped(file string, id int) bool {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		var first, outside, n int64 // an int may have 32 bits, which are too few
		fmt.Sscan(line, &first, &outside, &n)
		if first <= int64(id) && int64(id) < first+n {
			return true
		}
	}
	return false
}

// runOuter starts the inner process, waits for it, and ends as it did. The inner process ends if the outer one ends, and the
// outer one ends if the process that has started it ends.
func (p Plan) runOuter(program []string) {
	go exitWith(openParent())
	runtime.LockOSThread() // the child gets its signal when the thread that started it ends: PR_SET_PDEATHSIG in prctl(2)
	keepStandardStreams()
	cmd := exec.Command("/proc/self/exe", append(p.words(inner), program...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var told, tells *os.File
	if p.Walls {
		cmd.SysProcAttr = walled()
	} else {
		// The inner process has to end the others, so it must survive if somebody kills the outer one's process group.
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setsid: true}
		var err error
		if told, tells, err = os.Pipe(); err != nil {
			fail(err)
		}
		cmd.ExtraFiles = []*os.File{tells} // see status
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	tells.Close()
	closeStandardStreams()
	if p.Time > 0 {
		time.AfterFunc(p.Time, func() { os.Exit(128 + int(unix.SIGKILL)) })
	}
	cmd.Wait() // ProcessState has the result
	status := cmd.ProcessState.ExitCode()
	if told := readStatus(told); told >= 0 {
		status = told
	}
	if died := unix.Signal(status - ofSignal); died > 0 && unix.SignalName(died) != "" {
		signal.Reset()
		unix.Tgkill(os.Getpid(), unix.Gettid(), died)
	}
	os.Exit(status)
}

// readStatus is what the inner process has told about its exit status; less than 0 if it has told nothing.
func readStatus(from *os.File) int {
	var told [1]byte
	if _, err := from.Read(told[:]); err != nil {
		return -1
	}
	return int(told[0])
}

// ofSignal plus the number of a signal is the inner process's exit status if that signal has killed the program. The inner
// process can't end by the signal itself, because it is the first process of a namespace.
const ofSignal = 128

// walled are the namespaces of a jail, in which the inner process has the capabilities to set it up: user_namespaces(7). If
// root starts the jail, the namespace has two users: root, who can reach the program's file, and nobody.
func walled() *syscall.SysProcAttr {
	uid, gid := os.Getuid(), os.Getgid()
	attributes := &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		Pdeathsig:   syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}},
	}
	if !becomesNobody() {
		attributes.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_RESOURCE, unix.CAP_SETPCAP}
		return attributes
	}
	also := syscall.SysProcIDMap{ContainerID: nobody, HostID: ownUser(), Size: 1}
	attributes.UidMappings = append(attributes.UidMappings, also)
	attributes.GidMappings = append(attributes.GidMappings, also)
	attributes.GidMappingsEnableSetgroups = true
	return attributes
}

// openParent returns a descriptor of the process that has started this one: pidfd_open(2).
func openParent() (fd int) {
	fd, err := unix.PidfdOpen(os.Getppid(), 0)
	if err != nil {
		return -1 // before Linux 5.3; poll(2) ignores it, and only the time limit is left
	}
	return fd
}

// exitWith exits when the process of a descriptor exits.
func exitWith(fd int) {
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); err != unix.EINTR {
			os.Exit(report.NotStarted)
		}
	}
}

// keepStandardStreams makes the processes that this one starts inherit only the standard streams of the descriptors that it
// was started with.
func keepStandardStreams() {
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil && err != unix.ENOSYS {
		fail(err)
	}
}

// closeStandardStreams closes this process's copies of the standard streams. So the other end sees it when the program closes
// its own.
func closeStandardStreams() {
	for _, file := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		file.Close()
	}
}
