package jail

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

// Namespaces don't isolate all of this, and a jail may have none. So the kernel refuses the system calls.
func TestProgramReachesNothingByOtherCalls(t *testing.T) {
	seccompOrSkip(t)
	const key = "labs-jail-test"
	p := plan(t)
	runtime.LockOSThread() // this thread gets another session keyring, and starts the jail; it ends with the test
	if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil {
		skip.Needs(t, "keys", err.Error())
	}
	_, err := unix.AddKey("user", key, []byte("42"), unix.KEY_SPEC_SESSION_KEYRING)
	require.NoError(t, err)
	own := ownedByProgram(t)
	args := []string{key, fmt.Sprint(os.Getpid()), service(t), own, fmt.Sprint(sharedMemory(t))}
	before, err := os.Stat(own)
	require.NoError(t, err)
	for _, p.Walls = range []bool{true, false} {
		for act, said := range saysOfEach(t, p, []string{"opens a socket of the machine's", "opens a ring", "finds a key", "leaves a key", "leaves memory",
			"limits another", "changes priorities", "connects to a service", "sends to a service", "changes who may use a file", "changes a file's time",
			"attaches memory", "takes nobody's memory", "watches files", "limits itself", "opens a pair"}, args...) {
			want := "can't"
			if act == "limits itself" || act == "opens a pair" {
				want = "can" // as a control
			}
			assert.Equal(t, want, said, "%s, walls: %v", act, p.Walls)
		}
	}
	after, err := os.Stat(own)
	require.NoError(t, err)
	assert.Equal(t, before.Mode(), after.Mode())
}

// folderForAll is a folder that everybody may enter.
func folderForAll(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(folder), 0o755))
	return folder
}

// service is the path of an AF_UNIX listener that everybody may connect to. Everybody may send datagrams to the path with ".dgram".
func service(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(folderForAll(t), "socket")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	datagrams, err := net.ListenPacket("unixgram", path+".dgram")
	require.NoError(t, err)
	t.Cleanup(func() { datagrams.Close() })
	for _, name := range []string{path, path + ".dgram"} {
		require.NoError(t, os.Chmod(name, 0o777))
	}
	return path
}

// ownedByProgram is the path of a file of the user that the program has in a jail.
func ownedByProgram(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(folderForAll(t), "own")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	if becomesNobody() {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
	return path
}

// sharedMemory is the number of a System V segment that everybody may attach: shmget(2).
func sharedMemory(t *testing.T) (id int) {
	t.Helper()
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 1, 0o666)
	require.NoError(t, err)
	t.Cleanup(func() { unix.SysvShmCtl(id, unix.IPC_RMID, nil) })
	return id
}
