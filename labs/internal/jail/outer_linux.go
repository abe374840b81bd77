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

// nobody is the user that the program is where root starts it.
const nobody = 65534

// becomesNobody reports whether the program has to be another user than this one, and can: in a user namespace that has one
// user only, nobody is not there.
func becomesNobody() bool {
	return os.Getuid() == 0 && isMapped("/proc/self/uid_map") && isMapped("/proc/self/gid_map")
}

// isMapped reports whether nobody is among the users, or the groups, of this user namespace: user_namespaces(7).
func isMapped(file string) bool {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		var first, outside, n int64 // of an int, 32 bits may be too few
		fmt.Sscan(line, &first, &outside, &n)
		if first <= nobody && nobody < first+n {
			return true
		}
	}
	return false
}

// runOuter starts the inner process, waits for it, and ends as it did. The inner one ends with the outer one, and that with
// the process that has started it.
func (p Plan) runOuter(program []string) {
	go exitWith(openParent())
	runtime.LockOSThread() // the child gets its signal when the thread that started it ends: PR_SET_PDEATHSIG in prctl(2)
	keepStandardStreams()
	cmd := exec.Command("/proc/self/exe", append(p.words(inner), program...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// It has to end the others, so what kills the outer one's process group must not kill it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	if p.Walls {
		cmd.SysProcAttr = walled()
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	closeStandardStreams()
	if p.Time > 0 {
		time.AfterFunc(p.Time, func() { os.Exit(128 + int(unix.SIGKILL)) })
	}
	cmd.Wait() // what it returns, the state says too
	status := cmd.ProcessState.ExitCode()
	if died := unix.Signal(status - ofSignal); died > 0 && unix.SignalName(died) != "" {
		signal.Reset()
		unix.Tgkill(os.Getpid(), unix.Gettid(), died)
	}
	os.Exit(status)
}

// ofSignal and the number of the signal that has killed the program is the inner process's exit status: the first process
// of a namespace can't end by one.
const ofSignal = 128

// walled are the namespaces of a jail, in which the inner process has the rights to set it up: user_namespaces(7). For root,
// root stays what it is, so that it can reach the program's file, and there is nobody besides.
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
	also := syscall.SysProcIDMap{ContainerID: nobody, HostID: nobody, Size: 1}
	attributes.UidMappings = append(attributes.UidMappings, also)
	attributes.GidMappings = append(attributes.GidMappings, also)
	attributes.GidMappingsEnableSetgroups = true
	return attributes
}

// openParent gives a descriptor of the process that has started this one: pidfd_open(2).
func openParent() (fd int) {
	fd, err := unix.PidfdOpen(os.Getppid(), 0)
	if err != nil {
		return -1 // before Linux 5.3; poll(2) ignores it, and the limit of time remains
	}
	return fd
}

// exitWith exits when the process of a descriptor does.
func exitWith(fd int) {
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); err != unix.EINTR {
			os.Exit(report.NotStarted)
		}
	}
}

// keepStandardStreams keeps all other descriptors that this process was started with from those that it starts.
func keepStandardStreams() {
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil && err != unix.ENOSYS {
		fail(err)
	}
}

// closeStandardStreams leaves them to the program alone, so that its peer learns when it has closed them.
func closeStandardStreams() {
	for _, file := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		file.Close()
	}
}
