//go:build unix

package kept

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// keepIn is an environment variable: a folder. A process with it keeps an outcome there, with a limit of a few bytes for files.
const keepIn = "LABS_TEST_KEEP_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(keepIn); dir != "" {
		err := keepWithoutRoom(dir)
		fmt.Println(err)
		if err == nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func keepWithoutRoom(dir string) error {
	folder, err := Create(dir, "")
	if err != nil {
		return nil
	}
	defer folder.Close()
	o := Outcome{Lab: "lab01", Test: "TestX", Result: "fail", Says: []string{strings.Repeat("x", 4096)}}
	part := Outcome{Lab: "lab01", Test: "TestX/part", Result: "fail"}
	full := &syscall.Rlimit{Cur: 512, Max: 512}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, full); err != nil {
		return nil
	}
	return folder.Replace(o, []Left{{Outcome: part}, {Outcome: o}})
}

// If the disk is full, the old files stay, and no incomplete file is left.
func TestOldStaysWhereThereIsNoRoomForTheNew(t *testing.T) {
	dir := t.TempDir()
	old := []Outcome{{Lab: "lab01", Test: "TestX", Result: "pass", Began: after(1)}, {Lab: "lab01", Test: "TestX/part", Result: "pass", Began: after(2)}}
	add(t, dir, "", old[:1], nil)
	add(t, dir, "", old[1:], nil)
	self := skip.UnlessSelf(t)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), keepIn+"="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), syscall.EFBIG.Error())

	runs, err := Read(dir)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]Test{{Outcome: old[0]}, {Outcome: old[1]}}, runs[0].Tests), "(-want +got)")
}
