package grading_test

import (
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
)

// given is what the student's process gives, and where it listens.
type given struct{ Address, Err string }

// givesInCrowd gives the descriptor of a listener, while more descriptors of this user are on their way than the kernel allows.
var givesInCrowd = grading.Export("GivesInCrowd", func(crowd int) (out given) {
	runtime.LockOSThread() // the thread that gives up its rights ends with the goroutine
	listener, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return given{Err: err.Error()}
	}
	defer func() { grading.Keep(listener) }()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return given{Err: err.Error()}
	}
	grading.Keep(file)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return given{Err: err.Error()}
	}
	for _, end := range pair {
		grading.Keep(os.NewFile(uintptr(end), "a pair"))
	}
	if crowd > 0 {
		rights := make([]int, crowd)
		if err := unix.Sendmsg(pair[0], []byte{0}, unix.UnixRights(rights...), nil, 0); err != nil {
			return given{Err: err.Error()}
		}
		var none [2]unix.CapUserData
		unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0])
		var limit unix.Rlimit
		unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
		defer unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(crowd) - 1, Max: limit.Max})
	}
	if err := grading.Give(int(file.Fd())); err != nil {
		return given{Err: err.Error()}
	}
	return given{Address: listener.Addr().String()}
})

func TestStudentGives(t *testing.T) {
	g := start(t)
	for _, crowd := range []int{0, 100} {
		var out given
		g.Prepare("giving", func() { out = givesInCrowd.On(g, crowd) })
		require.Empty(t, out.Err)
		file, err := g.Take()
		require.NoError(t, err)
		g.Own(file)
		same, err := net.FileListener(file)
		require.NoError(t, err)
		g.Own(same)
		require.Equal(t, out.Address, same.Addr().String())
	}
}

// Other processes of the same user, such as those of other students, can't prevent it that a descriptor is given.
func TestDescriptorIsGivenInACrowd(t *testing.T) {
	t.Parallel()
	left, printed, _ := grade(t, "TestStudentGives")
	if strings.Contains(printed, "pidfd_getfd: operation not permitted") {
		skip.Needs(t, "pidfd_getfd", "a container such as Docker's refuses this call to a root without capabilities")
	}
	assert.Equal(t, report.Passed, left.Result, "%s", printed)
}
