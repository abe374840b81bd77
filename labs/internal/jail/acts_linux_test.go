package jail

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading/report"
)

// acts are what a program can try in a jail. Each returns the outcome in words.
var acts = map[string]func(args ...string) string{
	"lists processes":       func(...string) string { return listProcesses() },
	"tells its environment": func(...string) string { return strings.Join(os.Environ(), "\n") },
	"reads": ofEach(func(path string) string {
		if _, err := os.ReadFile(path); err == nil || errors.Is(err, syscall.EISDIR) {
			return "reads it"
		}
		return "can't"
	}),
	"writes": ofEach(func(path string) string { return unlessErr("writes it", os.WriteFile(path, []byte("1"), 0o666)) }),
	"opens to write": ofEach(func(path string) string {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		file.Close()
		return can(err)
	}),
	"truncates": func(args ...string) string { return can(os.Truncate(args[0], 0)) },
	"kills": func(args ...string) string {
		pid, _ := strconv.Atoi(args[0])
		return can(unix.Kill(pid, 0))
	},
	"fills": func(args ...string) string {
		for i := 0; ; i++ {
			err := os.WriteFile(filepath.Join(args[0], strconv.Itoa(i)), make([]byte, 8<<20), 0o666)
			if err != nil {
				return errors.Unwrap(err).Error()
			}
		}
	},
	"connects": func(args ...string) string {
		_, err := net.Dial("tcp", args[0])
		return unlessErr("connects", err)
	},

	"mounts": func(...string) string { return can(unix.Mount("x", "/tmp", "tmpfs", 0, "")) },
	"makes a namespace": func(...string) string {
		cmd := exec.Command("/proc/self/exe", nothing)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
		return can(cmd.Run())
	},
	"opens a packet socket": func(...string) string {
		_, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
		return can(err)
	},
	"opens a socket of the machine's": func(...string) string {
		_, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0)
		return can(err)
	},
	"opens a ring": func(...string) string {
		_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(new([30]uint32))), 0)
		return map[bool]string{true: "can", false: "can't"}[errno == 0]
	},
	"finds a key": func(args ...string) string {
		for _, ring := range []int{unix.KEY_SPEC_SESSION_KEYRING, unix.KEY_SPEC_USER_KEYRING} {
			if _, err := unix.KeyctlSearch(ring, "user", args[0], 0); err == nil {
				return "can"
			}
		}
		return "can't"
	},
	"limits another": func(args ...string) string {
		pid, _ := strconv.Atoi(args[1])
		return can(unix.Prlimit(pid, unix.RLIMIT_CORE, nil, new(unix.Rlimit))) // a process that may read the limit may also set it
	},
	"changes priorities": func(...string) string { return can(unix.Setpriority(unix.PRIO_PROCESS, 0, 19)) },
	"connects to a service": func(args ...string) string {
		_, err := net.Dial("unix", args[2])
		return can(err)
	},
	"sends to a service": func(args ...string) string { // without socket(2)
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		if err != nil {
			return "can't"
		}
		return can(unix.Sendto(pair[0], []byte("1"), 0, &unix.SockaddrUnix{Name: args[2] + ".dgram"}))
	},
	"opens a pair": func(...string) string {
		_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		return can(err)
	},
	"changes who may use a file": func(args ...string) string { return can(os.Chmod(args[3], 0o777)) },
	"changes a file's time":      func(args ...string) string { return can(os.Chtimes(args[3], time.Now(), time.Now())) },
	"attaches memory": func(args ...string) string {
		id, _ := strconv.Atoi(args[4])
		_, err := unix.SysvShmAttach(id, 0, 0)
		return can(err)
	},
	"takes nobody's memory": func(...string) string {
		_, err := unix.MemfdCreate("x", 0)
		return can(err)
	},
	"watches files": func(...string) string {
		_, err := unix.InotifyInit1(0)
		return can(err)
	},
	"leaves memory": func(...string) string {
		id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 1, 0o600)
		if err == nil {
			unix.SysvShmCtl(id, unix.IPC_RMID, nil)
		}
		return can(err)
	},
	"limits itself": func(...string) string { return can(unix.Setrlimit(unix.RLIMIT_CORE, new(unix.Rlimit))) },
	"leaves a key": func(args ...string) string {
		_, err := unix.AddKey("user", args[0], []byte("42"), unix.KEY_SPEC_SESSION_KEYRING)
		return can(err)
	},
	"has a terminal": func(...string) string {
		_, err := os.Open("/dev/tty")
		return can(err)
	},
	"has another descriptor": func(...string) string {
		for fd := 3; fd < 1000; fd++ {
			if target, err := os.Readlink(fmt.Sprint("/proc/self/fd/", fd)); err == nil && !strings.HasPrefix(target, "anon_inode:") {
				return target
			}
		}
		return "can't"
	},
	"signals the inner process": func(...string) string { // the kernel refuses it, or ignores it
		unix.Kill(1, unix.SIGKILL)
		unix.Kill(1, unix.SIGSTOP)
		time.Sleep(100 * time.Millisecond)
		return "can't"
	},
	"traces the inner process": func(...string) string {
		_, err := os.ReadFile("/proc/1/environ")
		if err == nil {
			return "reads its environment"
		}
		return can(unix.PtraceSeize(1))
	},

	"reaches": reaches,

	"opens many": func(...string) string {
		for {
			if _, err := os.Open("/dev/null"); err != nil {
				return errors.Unwrap(err).Error()
			}
		}
	},
	"starts many": func(...string) string {
		for {
			if err := exec.Command("sleep", "1000").Start(); err != nil {
				return errors.Unwrap(err).Error()
			}
		}
	},
	"takes memory": func(...string) string {
		var all [][]byte
		for {
			some := make([]byte, 1<<24)
			for i := range some {
				some[i] = 1
			}
			all = append(all, some)
		}
	},

	"waits": func(...string) string { time.Sleep(time.Hour); return "" },
	"computes": func(...string) string {
		for {
		}
	},
	"exits":             func(...string) string { os.Exit(7); return "" },
	"exits as a jail":   func(...string) string { os.Exit(report.NotStarted); return "" },
	"exits as stopped":  func(...string) string { os.Exit(ofSignal + int(unix.SIGSTOP)); return "" },
	"kills itself":      func(...string) string { unix.Kill(os.Getpid(), unix.SIGKILL); select {} },
	"terminates itself": func(...string) string { unix.Kill(os.Getpid(), unix.SIGTERM); select {} },
	"panics":            func(...string) string { panic("oops") },

	"hurries":         func(...string) string { hurry(); return "" },
	"leaves a daemon": func(args ...string) string { return daemon(args[0], args[1]) },
	"leaves a daemon and waits": func(args ...string) string {
		fmt.Print(daemon(args[0], args[1]))
		time.Sleep(time.Hour)
		return ""
	},
	"starts and waits": func(args ...string) string {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), actVar+"="+os.Getenv("LABS_JAIL_NEXT"))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.Run()
		return ""
	},
}

// ofEach is an act on each of its arguments. It returns a line for each.
func ofEach(act func(arg string) string) func(args ...string) string {
	return func(args ...string) string {
		var lines []string
		for _, arg := range args {
			lines = append(lines, act(arg))
		}
		return strings.Join(lines, "\n")
	}
}

func can(err error) string { return unlessErr("can", err) }

func unlessErr(done string, err error) string {
	if err != nil {
		return "can't"
	}
	return done
}

// listProcesses says whether the program sees only itself.
func listProcesses() string {
	seen, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range seen {
		if pid := filepath.Base(path); pid != strconv.Itoa(os.Getpid()) && pid != "1" {
			line, _ := os.ReadFile(path + "/cmdline")
			return "another: " + string(line)
		}
	}
	if len(seen) == 0 {
		return "none"
	}
	return "its own"
}
