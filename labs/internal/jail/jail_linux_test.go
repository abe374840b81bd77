package jail

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
)

// actVar is an environment variable: what a process of this test binary does in a jail, one act on a line. See acts.
const actVar = "LABS_JAIL_ACT"

func TestMain(m *testing.M) {
	Enter()
	if names := os.Getenv(actVar); names != "" {
		for i, name := range strings.Split(names, "\n") {
			if i > 0 {
				fmt.Println()
			}
			fmt.Print(acts[name](os.Args[1:]...))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// plan is the plan of most tests.
func plan(t *testing.T) Plan {
	t.Helper()
	if lacks := Missing(t.Context()); lacks != "" {
		skip.Needs(t, "Namespaces", lacks)
	}
	return Plan{Walls: true, Keep: []string{actVar}, Limits: Limits{Time: time.Minute}}
}

// jailed is a command that does an act in a jail.
func jailed(t *testing.T, p Plan, act string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	line, err := p.Line()
	require.NoError(t, err)
	line = append(append(line, self), args...)
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), actVar+"="+act)
	return cmd
}

// says is what an act prints.
func says(t *testing.T, p Plan, act string, args ...string) string {
	t.Helper()
	cmd := jailed(t, p, act, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &complaints)
	return string(out)
}

// saysOfEach is what each of some acts prints, all of them in one jail.
func saysOfEach(t *testing.T, p Plan, these []string, args ...string) map[string]string {
	t.Helper()
	return inOrder(t, these, says(t, p, strings.Join(these, "\n"), args...))
}

// inOrder maps each of about to its line of a text.
func inOrder(t *testing.T, about []string, text string) map[string]string {
	t.Helper()
	lines := strings.Split(text, "\n")
	require.Len(t, lines, len(about), "%q", text)
	said := make(map[string]string)
	for i, one := range about {
		said[one] = lines[i]
	}
	return said
}

func TestProgramSeesNoOtherProcess(t *testing.T) {
	assert.Equal(t, "its own", says(t, plan(t), "lists processes"))
}

func TestProgramSeesFewFiles(t *testing.T) {
	p := plan(t)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("42"), 0o666))
	here, err := os.Getwd()
	require.NoError(t, err)
	const own = "/etc/hosts"
	paths := []string{secret, here, "/etc/passwd", "/root", "/home", "/sys", "/proc/1/root" + secret, "/proc/self/root" + secret, own}
	for path, said := range inOrder(t, paths, says(t, p, "reads", paths...)) {
		if path == own {
			assert.Equal(t, "reads it", said, "a file of the jail's own, as a control")
			continue
		}
		assert.Equal(t, "can't", said, path)
	}
}

func TestProgramKnowsNothingOfTheEnvironment(t *testing.T) {
	t.Setenv("SECRET", "42")
	said := says(t, plan(t), "tells its environment")
	assert.NotContains(t, said, "42")
	assert.Contains(t, said, actVar+"=")
	assert.Contains(t, said, "HOME=/tmp")
}

func TestProgramHasNoRights(t *testing.T) {
	for act, said := range saysOfEach(t, plan(t), []string{"mounts", "makes a namespace", "opens a packet socket", "has a terminal", "has another descriptor",
		"signals the inner process", "traces the inner process"}) {
		assert.Equal(t, "can't", said, act)
	}
}

func TestProgramSharesTheNetwork(t *testing.T) {
	p := plan(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	assert.Equal(t, "connects", says(t, p, "connects", net.JoinHostPort("localhost", port)))
}

func TestProgramIsLimited(t *testing.T) {
	p := plan(t)
	p.File, p.Open, p.Processes = 1<<20, 32, 24
	assert.Equal(t, "file too large", says(t, p, "fills", "/tmp"))
	assert.Equal(t, "too many open files", says(t, p, "opens many"))
	assert.Equal(t, "resource temporarily unavailable", says(t, p, "starts many"))
}

func TestProgramRunsForALimitedTime(t *testing.T) {
	t.Parallel()
	p := plan(t)
	p.Time = 100 * time.Millisecond
	began := time.Now()
	var exit *exec.ExitError
	require.ErrorAs(t, jailed(t, p, "waits").Run(), &exit)
	assert.GreaterOrEqual(t, time.Since(began), p.Time)
}

func TestProgramComputesForALimitedTime(t *testing.T) {
	skip.UnlessChecking(t, "computes for a second")
	p := plan(t)
	p.Time, p.CPU = time.Minute, time.Second
	var exit *exec.ExitError
	require.ErrorAs(t, jailed(t, p, "computes").Run(), &exit)
}

func TestEndOfProgramIsTold(t *testing.T) {
	skip.UnlessChecking(t, "starts fourteen programs")
	t.Parallel()
	p := plan(t)
	for _, walls := range []bool{true, false} {
		p.Walls = walls
		for act, want := range map[string]string{"exits": "exit status 7", "exits as a jail": "exit status 1", "exits as stopped": "exit status 1", "kills itself": "signal: killed", "terminates itself": "signal: terminated", "panics": "exit status 2"} {
			assert.EqualError(t, jailed(t, p, act).Run(), want, "%s, walls: %v", act, walls)
		}
		out, err := exec.Command(must(p.Line())[0], append(must(p.Line())[1:], "/nothing/there")...).CombinedOutput()
		assert.EqualError(t, err, fmt.Sprint("exit status ", report.NotStarted))
		assert.Equal(t, "jail: open /nothing/there: no such file or directory\n", string(out))
	}
}

// Without walls, the rules of Landlock protect what the program could harm, if the kernel has them.
func TestProgramWithoutWallsIsShutInByRules(t *testing.T) {
	if rulesVersion() < withScopes {
		skip.Needs(t, "Landlock", "the rules of this kernel don't keep signals in; Linux 6.12 has some that do")
	}
	p := Plan{Keep: []string{actVar}, Limits: Limits{Time: time.Minute}}
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("42"), 0o666))
	require.NoError(t, os.Chmod(secret, 0o666))
	for act, said := range saysOfEach(t, p, []string{"reads", "writes", "truncates"}, secret) {
		assert.Equal(t, "can't", said, act)
	}
	assert.Equal(t, "can't", says(t, p, "kills", fmt.Sprint(os.Getpid())))
	assert.Equal(t, "can't", says(t, p, "reads", fmt.Sprintf("/proc/%d/environ", os.Getpid())))
	for act, said := range saysOfEach(t, p, []string{"mounts", "opens a packet socket", "has a terminal", "has another descriptor"}) {
		assert.Equal(t, "can't", said, act)
	}
	assert.Equal(t, "reads it", says(t, p, "reads", "/etc/hosts"), "as a control")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
