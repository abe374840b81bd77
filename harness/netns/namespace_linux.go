package netns

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Environment variables with which the process outside tells the process inside what it needs.
const (
	outsideVar = "LABS_OUTSIDE" // the network namespace of the process outside
	reportVar  = "LABS_REPORT"  // the descriptor on which the process inside reports whether the loopback came up
)

const loopbackIsUp = "up"

// IsPrivate reports whether this process is in a network namespace that Enter made for it.
func IsPrivate() bool {
	outside := os.Getenv(outsideVar)
	return outside != "" && outside != networkNamespace()
}

// networkNamespace returns the name of this process's network namespace, such as "net:[4026531840]": namespaces(7).
func networkNamespace() string {
	name, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return ""
	}
	return name
}

// Enter starts this binary again, with the same arguments, in a new network namespace, and exits with that process's
// status. It returns in two cases: in the process inside, and if there is no private loopback. In the second case
// the error says why.
func Enter() error {
	if IsPrivate() {
		settleInside()
		return nil
	}
	// The parent-death signal is sent when the thread that started the child ends: prctl(2).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	child, err := startInside()
	if err != nil {
		return err
	}
	exitAs(child)
	return nil
}

// Allowed tries to start this program again, in a new network namespace, and returns an error if that fails. The
// program must call Probed before it does anything else.
func Allowed() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	child, err := startInside()
	if err != nil {
		return err
	}
	return child.Wait()
}

// Probed ends a process that Allowed has started, once its loopback is up. In any other process it does nothing.
func Probed() {
	if os.Getenv(reportVar) != "" {
		settleInside()
		os.Exit(0)
	}
}

// settleInside brings the new loopback up, and reports to the process outside whether that succeeded. In a process that a test
// starts inside, the loopback is up already, and settleInside does nothing.
func settleInside() {
	fd, err := strconv.Atoi(os.Getenv(reportVar))
	if err != nil {
		return
	}
	os.Unsetenv(reportVar)
	report := os.NewFile(uintptr(fd), "report")
	defer report.Close()
	if err := bringLoopbackUp(); err != nil {
		fmt.Fprint(report, err)
		os.Exit(1)
	}
	fmt.Fprint(report, loopbackIsUp)
}

// exitAs forwards signals to the child, waits for it, and ends this process in the same way.
func exitAs(child *exec.Cmd) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		for s := range signals {
			child.Process.Signal(s)
		}
	}()
	child.Wait() // ProcessState has the result, too
	if status := child.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		signal.Reset()
		runtime.LockOSThread() // a signal to the whole process could go to another thread, while this one exits
		unix.Tgkill(os.Getpid(), unix.Gettid(), status.Signal())
	}
	os.Exit(child.ProcessState.ExitCode())
}

// startInside starts the process inside, and returns it once its loopback is up.
func startInside() (*exec.Cmd, error) {
	var err error
	for _, attributes := range namespaces() {
		var child *exec.Cmd
		if child, err = startWith(attributes); err == nil {
			return child, nil
		}
	}
	return nil, fmt.Errorf("this user may not make namespaces here: %w", err)
}

// namespaces lists the ways to get a network namespace, the best first. Root needs no user
// namespace, and keeps its rights over files if it has none. Other users need a user namespace. In it
// they keep their user and group, and may set up and capture their own network, but nothing outside.
func namespaces() []*syscall.SysProcAttr {
	uid, gid := os.Getuid(), os.Getgid()
	unprivileged := &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW},
		Pdeathsig:   syscall.SIGKILL,
	}
	if os.Geteuid() != 0 {
		return []*syscall.SysProcAttr{unprivileged}
	}
	root := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	return []*syscall.SysProcAttr{root, unprivileged}
}

func startWith(attributes *syscall.SysProcAttr) (*exec.Cmd, error) {
	report, reportFromInside, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer report.Close()

	child := exec.Command("/proc/self/exe", os.Args[1:]...)
	child.Args[0] = os.Args[0]
	child.Env = append(os.Environ(), outsideVar+"="+networkNamespace(), reportVar+"=3") // ExtraFiles begin at 3
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{reportFromInside}
	child.SysProcAttr = attributes
	err = child.Start()
	reportFromInside.Close()
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(report)
	if err == nil && string(said) == loopbackIsUp {
		return child, nil
	}
	child.Process.Kill()
	child.Wait()
	return nil, fmt.Errorf("bring its loopback up: %s", said)
}

// bringLoopbackUp sets IFF_UP on lo, which in a new network namespace is down: netdevice(7). The
// kernel then gives it 127.0.0.1 and, where it has IPv6, ::1.
func bringLoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}
