package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/timemachine"
)

// If this system can't show an experiment, it runs in a guest, even if nobody has asked for one. The command says so in one line.
func TestGuestShowsWhatThisSystemCant(t *testing.T) {
	skip.UnlessChecking(t, "runs experiments in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	for _, c := range []struct {
		name, pattern, place string
		system               []string
		namespaces           bool
		says, runsOn         string
	}{
		{"another system", "VanishedPeerOnTheWire", "", []string{"LABS_SYSTEM=darwin"}, true, "labs: this is macOS: the experiments run on Linux ", "guest"},
		{"another system, which can show it", "ReadDeadlineFreesReader", "", []string{"LABS_SYSTEM=darwin"}, true, "", "machine"},
		{"another system, on the machine", "VanishedPeerOnTheWire", "machine", []string{"LABS_SYSTEM=darwin"}, true, "", "machine"},
		{"no namespaces", "VanishedPeerOnTheWire", "", nil, false, "labs: this user may not make network namespaces here: the experiments run on Linux ", "guest"},
		{"no namespaces, and none are needed", "ReadDeadlineFreesReader", "", nil, false, "", "machine"},
		{"the guest was asked for", "ReadDeadlineFreesReader", "guest", nil, true, "", "guest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"run", c.pattern, "--keep", t.TempDir()}
			if c.place != "" {
				args = append(args, "--on", c.place)
			}
			cmd, _ := commandIn(t, "..", args...)
			cmd.Env = append(cmd.Env, c.system...)
			if !c.namespaces {
				withoutNamespaces(t, cmd)
			}
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			require.NoError(t, err, "%s%s", out, &stderr)
			assert.Contains(t, string(out), "✓ 1 passed")
			if c.says == "" {
				assert.Empty(t, stderr.String())
			} else {
				assert.True(t, strings.HasPrefix(stderr.String(), c.says) && strings.Count(stderr.String(), "\n") == 1, "%s", &stderr)
			}
			machine, err := os.ReadFile(args[3] + "/machinetest/TestMachine/outcome.json")
			require.NoError(t, err)
			assert.Equal(t, c.runsOn == "guest", strings.Contains(string(machine), "7.1.2"), "%s", machine)
		})
	}
}

// "labs advise" gives a check mark only to settings that were measured in the guest and find the peer in time. 9.36 s is just
// enough for keepalive 6s,1s,3 on a kernel whose tick is shorter than this one's.
func TestAdviceIsVerifiedInGuest(t *testing.T) {
	skip.UnlessChecking(t, "measures settings in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	const within = 9360 * time.Millisecond
	cmd, _ := commandIn(t, "..", "advise", "--within", within.String(), "--idle")
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	list, _, _ := strings.Cut(string(out), "\n✓ does it")
	assert.NotContains(t, list, "not verified")
	assert.Contains(t, string(out), "Measured in virtual time, on Linux 7.1.2.")
	good := 0
	for text := range strings.SplitSeq(list, "\n✓ ") {
		if good++; good == 1 {
			continue // the goal
		}
		measured := regexp.MustCompile(`host vanishes,\s+idle:\s+([0-9.]+) s`).FindStringSubmatch(text)
		require.NotNil(t, measured, text)
		seconds, err := strconv.ParseFloat(measured[1], 64)
		require.NoError(t, err)
		assert.LessOrEqual(t, seconds, within.Seconds(), text)
	}
	assert.Greater(t, good, 7, list)
}

// An exercise that needs Linux is graded in the guest, too. Other exercises are graded on the machine.
func TestGuestGradesWhatThisSystemCant(t *testing.T) {
	skip.UnlessChecking(t, "grades in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	for exercise, says := range map[string]string{"OpenWay": "labs: this is macOS: exercises are graded on Linux ", "SendAll": ""} {
		cmd, _ := commandIn(t, "..", "grade", exercise)
		cmd.Env = append(cmd.Env, "LABS_SYSTEM=darwin")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.Error(t, err, "it is not begun")
		assert.Contains(t, string(out), "not begun: the task is in ")
		assert.Equal(t, says != "", strings.Contains(string(out), ", on Linux "), "%s", out)
		assert.True(t, strings.HasPrefix(stderr.String(), says), "%s", &stderr)
		assert.Equal(t, min(len(says), 1), strings.Count(stderr.String(), "\n"), "%s", &stderr)
	}
}

// Every verb that runs tests uses a guest, even if nobody has asked for one, if this system can't show them. The test interrupts
// verbs that run all experiments as soon as one has passed, and watch as soon as it waits.
func TestEveryVerbUsesTheGuest(t *testing.T) {
	skip.UnlessChecking(t, "runs experiments in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	written := t.TempDir()
	for _, c := range []struct {
		line        []string
		answer      string
		does, shows string // what it says about the guest; what it prints at the point where the test interrupts it
	}{
		{[]string{"run", "--predict", "DeathIsReportedOnce"}, "3\n", "the experiments run", "✓ You were right: io.EOF"},
		{[]string{"matrix"}, "", "the experiments run", "ETIMEDOUT"},
		{[]string{"try", "--keepalive", "1s,1s,1", "--failure", "idle vanishes"}, "", "the experiments run", "All of it was measured in virtual time"},
		{[]string{"report", "-o", filepath.Join(written, "report.html")}, "", "the experiments run", "✓ lab01_timeout/"},
		{[]string{"site", "-o", filepath.Join(written, "site")}, "", "the experiments run", "✓ lab01_timeout/"},
		{[]string{"grade", "OpenWay"}, "", "exercises are graded", "not begun: "},
		{[]string{"watch", "OpenWay"}, "", "exercises are graded", "grading whenever you save"},
	} {
		t.Run(c.line[0], func(t *testing.T) {
			cmd, _ := commandIn(t, "..", c.line...)
			cmd.Env = append(cmd.Env, "LABS_SYSTEM=darwin")
			cmd.Stdin = strings.NewReader(c.answer)
			stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
			require.NoError(t, err)
			defer stdout.Close()
			var stderr strings.Builder
			cmd.Stdout, cmd.Stderr = stdout, &stderr
			require.NoError(t, cmd.Start())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				cmd.Wait() // its error is ignored, because it may be interrupted
			}()
			said := func() string {
				text, err := os.ReadFile(stdout.Name())
				require.NoError(t, err)
				return string(text)
			}
			for isOver := false; !isOver && !strings.Contains(said(), c.shows); {
				select {
				case <-ended:
					isOver = true
				case <-time.After(10 * time.Millisecond):
				}
			}
			cmd.Process.Signal(syscall.SIGINT) // if it still runs
			<-ended
			require.Contains(t, said(), c.shows, "%s", &stderr)
			text := strings.TrimSuffix(stderr.String(), "labs: interrupted\n")
			assert.True(t, strings.HasPrefix(text, "labs: this is macOS: "+c.does+" on Linux ") && strings.Count(text, "\n") == 1, "%s", text)
		})
	}
}

// For well-known settings, "labs try" measures in the time machine what the rule says, neither earlier nor later.
func TestTryMeasuresInTheTimeMachine(t *testing.T) {
	skip.UnlessChecking(t, "travels")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	for like, nominal := range map[string]time.Duration{"go": 150 * time.Second, "linux": 7875 * time.Second, "grpc": 30 * time.Second} {
		t.Run(like, func(t *testing.T) {
			cmd, _ := commandIn(t, "..", "try", "--like", like, "--failure", "host vanishes, idle", "--json")
			out, err := cmd.Output()
			require.NoError(t, err, "%s", out)
			type ending struct {
				Outcome string
				After   float64
			}
			var report struct {
				Kernel  string
				Results []struct {
					ByRule   ending `json:"by_rule"`
					Latest   float64
					Measured ending
				}
			}
			require.NoError(t, json.Unmarshal(out, &report), "%s", out)
			require.Len(t, report.Results, 1, "%s", out)
			row := report.Results[0]
			assert.NotEmpty(t, report.Kernel, "it was not measured in the time machine")
			assert.Equal(t, ending{"ETIMEDOUT", nominal.Seconds()}, row.ByRule)
			assert.Equal(t, row.ByRule.Outcome, row.Measured.Outcome)
			const tick, busy = 0.01, 0.25 // seconds: at least the tick of Debian's kernels; and how late lab04_compare lets the machine be
			assert.GreaterOrEqual(t, row.Measured.After, row.ByRule.After-tick)
			assert.LessOrEqual(t, row.Measured.After, row.Latest+busy)
		})
	}
}

// withoutNamespaces runs the command as in a container: as a root without capabilities, who can't make namespaces.
func withoutNamespaces(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	const script = `echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "$@"`
	for _, program := range []string{"setpriv", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			skip.Needs(t, program, err.Error())
		}
	}
	named := filepath.Join(t.TempDir(), "labs") // this test binary is the command if it has its name
	require.NoError(t, os.Symlink(cmd.Path, named))
	cmd.Args = append([]string{"sh", "-c", script, "-", named}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	probe := exec.CommandContext(t.Context(), "/bin/sh", "-c", "exit 0")
	probe.SysProcAttr = cmd.SysProcAttr
	if err := probe.Run(); err != nil {
		skip.Needs(t, "namespaces", err.Error())
	}
}

// If there is no QEMU, the line says how to get it, and that a browser works without QEMU if somebody has published the site.
func TestLineWithoutQEMUSaysWhatElse(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment")
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	path := t.TempDir() // go is the only program in it
	require.NoError(t, os.Symlink(goCommand, filepath.Join(path, "go")))
	cmd, _ := commandIn(t, "..", "run", "VanishedPeerOnTheWire")
	cmd.Env = append(cmd.Env, "LABS_SYSTEM=darwin", "PATH="+path, "CGO_ENABLED=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s%s", out, &stderr)
	assert.Regexp(t, `^labs: this is macOS: some experiments are skipped\. A Linux kernel in QEMU would run them: .*install QEMU .*\. `+
		`A browser runs them, too, on a site that somebody has published: labs/docs/site\.md\n$`, stderr.String())
}
