package jail

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

func TestProgramWritesTemporaryFilesOnly(t *testing.T) {
	p := plan(t)
	const own = "/tmp/new"
	paths := []string{"/new", "/etc/hosts", "/program", "/bin/new", "/dev/new", own}
	for path, said := range inOrder(t, paths, says(t, p, "writes", paths...)) {
		assert.Equal(t, path == own, said == "writes it", "%s: %s", path, said)
	}
	// These belong to the machine, so the act only opens them: if the jail leaked, nothing would change.
	paths = []string{"/proc/sys/net/ipv4/tcp_fin_timeout", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"}
	for path, said := range inOrder(t, paths, says(t, p, "opens to write", paths...)) {
		assert.Equal(t, "can't", said, path)
	}
	assert.Equal(t, "no space left on device", says(t, p, "fills", "/tmp"))
}

// In a user namespace with only one user, root stays root in the jail. There it has no more rights than nobody.
func TestRootWithoutNobodyHasNoRights(t *testing.T) {
	skip.UnlessChecking(t, "runs two of these tests once more, in a namespace of users")
	plan(t)
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^(TestProgramHasNoRights|TestProgramWritesTemporaryFilesOnly)$")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	said, err := cmd.CombinedOutput()
	if cmd.Process == nil {
		skip.Needs(t, "Namespaces", err.Error())
	}
	assert.NoError(t, err, "%s", said)
	assert.Contains(t, string(said), "--- PASS: TestProgramHasNoRights")
	assert.Contains(t, string(said), "--- PASS: TestProgramWritesTemporaryFilesOnly")
}

// A machine maps all users to themselves, with numbers that a 32-bit int can't hold.
func TestNobodyIsFoundWhateverAnIntIs(t *testing.T) {
	file := t.TempDir() + "/uid_map"
	for text, want := range map[string]bool{
		"         0          0 4294967295\n":                 true,
		"         0       1000          1\n":                 false,
		"         0       1000          1\n1 100000 65536\n": true,
	} {
		assert.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		assert.Equal(t, want, isMapped(file, nobody), text)
	}
}

// The kernel limits what all processes of a user may have together. Root gives each program a user of its own.
func TestProgramsOfRootAreDifferentUsers(t *testing.T) {
	p := plan(t)
	if os.Getuid() != 0 || ownUser() == nobody {
		skip.Needs(t, "root", "an ordinary user has no other users for programs")
	}
	users := make(map[uint32]bool)
	const programs = 2
	for range programs {
		mark := fmt.Sprint("labs-jail-test-", time.Now().UnixNano())
		cmd := jailed(t, p, "waits", mark)
		require.NoError(t, cmd.Start())
		defer cmd.Wait()
		defer cmd.Process.Kill()
		before := len(users)
		require.Eventually(t, func() bool {
			for _, found := range processesOf(t, mark) { // two of them are the jail's
				process, _, _ := strings.Cut(found, "/cmdline")
				var is unix.Stat_t
				if unix.Stat(process, &is) == nil && is.Uid != 0 {
					users[is.Uid] = true
				}
			}
			return len(users) > before
		}, 10*time.Second, 10*time.Millisecond, "%v", users)
	}
	assert.NotContains(t, users, uint32(nobody))
}
