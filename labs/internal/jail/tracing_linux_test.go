package jail

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/refuse"
	"socketlabs/harness/skip"
)

// reachings are the ways in which a process can look into another process of the same user, and change it: ptrace(2), "Ptrace
// access mode checking".
var reachings = map[string]func(pid int) error{
	"is traced": func(pid int) error {
		return anyThread(pid, func(thread string) error {
			tid, _ := strconv.Atoi(filepath.Base(thread))
			return unix.PtraceSeize(tid)
		})
	},
	"has memory that is read":    func(pid int) error { return copyMemory(pid, unix.ProcessVMReadv) },
	"has memory that is written": func(pid int) error { return copyMemory(pid, unix.ProcessVMWritev) },
	"has a descriptor that is taken": func(pid int) error {
		fd, err := unix.PidfdOpen(pid, 0)
		if err == nil {
			_, err = unix.PidfdGetfd(fd, 0, 0)
		}
		return err
	},
	"has descriptors that are compared": func(pid int) error {
		const file = 0 // KCMP_FILE in linux/kcmp.h
		if _, _, errno := unix.Syscall6(unix.SYS_KCMP, uintptr(pid), uintptr(os.Getpid()), file, 0, 0, 0); errno != 0 {
			return errno
		}
		return nil
	},
	"is counted": func(pid int) error {
		counter := unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_TASK_CLOCK, Bits: unix.PerfBitExcludeKernel}
		counter.Size = uint32(unsafe.Sizeof(counter))
		_, err := unix.PerfEventOpen(&counter, pid, -1, -1, 0)
		return err
	},
	"shows its environment": func(pid int) error {
		return anyThread(pid, func(thread string) error {
			_, err := os.ReadFile(filepath.Join(thread, "environ"))
			return err
		})
	},
}

// anyThread returns nil if a process can be reached through one of its threads. Each thread may have other restrictions.
func anyThread(pid int, reach func(thread string) error) error {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, thread := range append(threads, fmt.Sprintf("/proc/%d", pid)) {
		if err = reach(thread); err == nil {
			return nil
		}
	}
	return err
}

// copyMemory tries to copy from or to an address that no process has. It fails because of the address only if this process may
// reach the other one; otherwise the kernel refuses it first.
func copyMemory(pid int, copies func(int, []unix.Iovec, []unix.RemoteIovec, uint) (int, error)) error {
	some := make([]byte, 1)
	here, there := unix.Iovec{Base: &some[0]}, unix.RemoteIovec{Base: 1, Len: 1}
	here.SetLen(1)
	if _, err := copies(pid, []unix.Iovec{here}, []unix.RemoteIovec{there}, 0); !errors.Is(err, unix.EFAULT) {
		return err
	}
	return nil
}

// reaches is an act: it tries to reach the process with a number, or its parent.
func reaches(args ...string) string {
	pid, err := strconv.Atoi(args[1])
	if err != nil {
		pid = os.Getppid()
	}
	return can(reachings[args[0]](pid))
}

// Whatever the jail is made of, the program can't reach another process of its own user: neither a process outside, nor the
// jail's own process, some of whose threads have no restrictions.
func TestProgramReachesNoOtherProcess(t *testing.T) {
	skip.UnlessChecking(t, "starts three programs that try each way")
	seccompOrSkip(t)
	noRules := refuse.Call{Number: unix.SYS_LANDLOCK_CREATE_RULESET, Errno: unix.ENOSYS}
	for name, kind := range map[string]struct {
		walls   bool
		refused []refuse.Call
	}{
		"walls": {true, nil}, "rules": {false, nil}, "neither": {false, []refuse.Call{noRules}},
	} {
		t.Run(name, func(t *testing.T) {
			p := Plan{Keep: []string{actVar}, Limits: Limits{Time: time.Minute}}
			if kind.walls {
				p = plan(t)
			}
			require.NoError(t, refuse.OnThisThread(kind.refused...), "the jail inherits it from this thread")
			outside := sameUser(t, "waits")
			require.NoError(t, outside.Start())
			t.Cleanup(func() { outside.Process.Kill(); outside.Wait() })
			pid := strconv.Itoa(outside.Process.Pid)
			tried := 0
			for reaching := range reachings {
				control, err := sameUser(t, "reaches", reaching, pid).Output()
				require.NoError(t, err)
				if string(control) != "can" {
					t.Logf("%s: not even outside a jail", reaching)
					continue
				}
				tried++
				if reaching == "shows its environment" && name == "neither" {
					continue // a file, and this jail does not restrict files
				}
				assert.Equal(t, "can't", says(t, p, "reaches", reaching, "parent"), "the jail's own process %s", reaching)
				assert.Equal(t, "can't", says(t, p, "reaches", reaching, pid), "a process outside %s", reaching)
			}
			if tried == 0 {
				skip.Needs(t, "ptrace", "no process may reach another here")
			}
		})
	}
}

// isFiltered is true if the kernel refuses system calls of the program.
const isFiltered = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

func seccompOrSkip(t *testing.T) {
	t.Helper()
	if !isFiltered {
		skip.Needs(t, "seccomp", "system calls are refused on amd64 and arm64 only")
	}
}

// sameUser is a command that does an act outside of any jail, as the user that the program has in a jail.
func sameUser(t *testing.T, act string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), actVar+"="+act)
	if becomesNobody() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}
