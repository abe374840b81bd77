package jail

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

// What is mounted below a folder that the program sees is read-only, too, whoever may write to it.
func TestMountsBelowSharedFoldersAreReadOnly(t *testing.T) {
	skip.UnlessChecking(t, "runs once more, in a namespace of users")
	p := plan(t)
	const mountVar = "LABS_JAIL_MOUNT"
	if os.Getenv(mountVar) == "" {
		cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^TestMountsBelowSharedFoldersAreReadOnly$")
		cmd.Env = append(os.Environ(), mountVar+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
		said, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s", said)
		assert.Contains(t, string(said), "--- PASS: TestMountsBelowSharedFoldersAreReadOnly")
		return
	}
	if unix.MountSetattr(-1, "", unix.AT_EMPTY_PATH, nil) == unix.ENOSYS {
		skip.Needs(t, "mount_setattr", "Linux 5.12 has it")
	}
	folders, err := filepath.Glob("/usr/lib/*/*") // what is in the first folder is not needed
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	folder := filepath.Dir(folders[0])
	require.NoError(t, unix.Mount("test", folder, "tmpfs", 0, "mode=1777"))
	file := filepath.Join(folder, "new")
	require.NoError(t, os.WriteFile(file, nil, 0o666), "as a control")
	require.NoError(t, os.Chmod(file, 0o666))
	assert.Equal(t, "reads it", says(t, p, "reads", file), "as a control")
	assert.Equal(t, "can't", says(t, p, "opens to write", file))
}
