//go:build linux

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/timemachine"
)

// An experiment tells the same story with go test, with the command, and in the time machine, on another kernel and in virtual
// time. Only times, ports and what depends on them differ.
func TestSameStoryHoweverItIsRun(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment in every way that there is")
	const experiment = "TestVanishedPeerOnTheWire"
	dir := t.TempDir()
	native := left(t, dir, exec.CommandContext(t.Context(),
		"go", "test", "-count=1", "-run", "^"+experiment+"$", "-artifacts", "-outputdir", dir, "../lab03_keepalive"))
	want := same(native)
	dir = t.TempDir()
	run, _ := commandIn(t, "..", "run", experiment, "--on", "machine", "--keep", dir)
	assert.Empty(t, cmp.Diff(want, same(left(t, dir, run))), "(-go test +labs run)")

	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	guest := inGuest(t, experiment)
	require.Empty(t, cmp.Diff(want, same(guest)), "(-go test +labs run --on guest)")
	for i, e := range guest.Events { // here, events are late because of the machine; in the guest, because of three timers and their ticks
		assert.Less(t, e.At, native.Events[i].At+150*time.Millisecond, "%+v", want[i])
	}

	dir = t.TempDir()
	travel, _ := commandIn(t, "..", "timemachine", "--all", experiment, "--keep", dir)
	out, err := travel.CombinedOutput()
	require.NoError(t, err, "%s", out)
	kernels, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, kernel := range kernels {
		assert.Empty(t, cmp.Diff(want, same(storyIn(t, filepath.Join(dir, kernel.Name())))), "%s (-go test +time machine)", kernel.Name())
	}
}

// Two runs in a guest are equal to the byte: every field of every event, and of every segment. Nothing outside disturbs a guest,
// and its clock stands still while this machine is busy. Only two things differ, because they are random in the kernel: the
// ports, and when the first timer expires. The kernel rounds a timer of a second up to the next granule of its timer wheel, which is
// eight ticks of at most 10 ms: calc_wheel_index() in kernel/time/timer.c. Where in a granule the timer is set depends on how long
// the boot took. The timers after it are set when it expires, so they differ as much.
func TestTwoRunsInVirtualTimeAreAlike(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment twice in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	const granule = 8 * 10 * time.Millisecond
	const experiment = "TestVanishedPeerOnTheWire"
	first, second := inGuest(t, experiment), inGuest(t, experiment)
	require.Empty(t, cmp.Diff(drawnByLotLeftOut(first), drawnByLotLeftOut(second)), "(-first +second)")
	for i, e := range first.Events {
		assert.InDelta(t, e.At, second.Events[i].At, float64(granule), "%+v", e)
	}
}

// aPort matches a port in an address or in words.
var aPort = regexp.MustCompile(`(:|\bport )\d+`)

// drawnByLotLeftOut are a story's events without what is random: their times and their ports.
func drawnByLotLeftOut(record story.Record) (events []story.Event) {
	for _, e := range record.Events {
		e.At, e.Text, e.Error = 0, aPort.ReplaceAllString(e.Text, "$1#"), aPort.ReplaceAllString(e.Error, "$1#")
		if e.Segment != nil {
			s := *e.Segment
			s.At, s.Client, s.Server = 0, aPort.ReplaceAllString(s.Client, "$1#"), aPort.ReplaceAllString(s.Server, "$1#")
			e.Segment = &s
		}
		events = append(events, e)
	}
	return events
}

// The comparison finds any other difference in an event.
func TestRunsAreComparedInEachField(t *testing.T) {
	run := func(change func(*story.Event)) []story.Event {
		e := story.Event{At: time.Second, Lane: story.Wire, Kind: story.Sent, Text: "port 40000 → port 8080", Segment: &story.Segment{
			At: time.Second, Connection: 1, Client: "127.0.0.1:40000", Server: "127.0.0.1:8080", From: story.Client, Flags: ".",
			Seq: 1, Ack: 1, Length: 5, Window: 65536, Meaning: story.Data}}
		change(&e)
		return drawnByLotLeftOut(story.Record{Events: []story.Event{e}})
	}
	first := run(func(*story.Event) {})
	assert.Equal(t, first, run(func(e *story.Event) {
		e.At, e.Segment.At, e.Text, e.Segment.Client, e.Segment.Server = 2*time.Second, 2*time.Second, "port 40001 → port 8081", "127.0.0.1:40001", "127.0.0.1:8081"
	}), "times and ports are chance")
	for name, change := range map[string]func(*story.Event){
		"flags":   func(e *story.Event) { e.Segment.Flags = "P." },
		"seq":     func(e *story.Event) { e.Segment.Seq++ },
		"ack":     func(e *story.Event) { e.Segment.Ack++ },
		"length":  func(e *story.Event) { e.Segment.Length++ },
		"window":  func(e *story.Event) { e.Segment.Window++ },
		"from":    func(e *story.Event) { e.Segment.From = story.Server },
		"address": func(e *story.Event) { e.Segment.Client = "[::1]:40000" },
		"text":    func(e *story.Event) { e.Text += ", 5 bytes" },
		"error":   func(e *story.Event) { e.Error = "broken pipe" },
	} {
		assert.NotEqual(t, first, run(change), name)
	}
}

// inGuest runs an experiment in a guest, by the command, and returns the story.
func inGuest(t *testing.T, experiment string) story.Record {
	t.Helper()
	dir := t.TempDir()
	cmd, _ := commandIn(t, "..", "run", experiment, "--on", "guest", "--keep", dir)
	return left(t, dir, cmd)
}

// left runs a command, and returns the one story that it leaves below a folder.
func left(t *testing.T, dir string, cmd *exec.Cmd) story.Record {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return storyIn(t, dir)
}

// event is the parts of a story's event that do not differ from run to run.
type event struct {
	Lane    story.Lane
	Kind    story.Kind
	Text    string
	Call    string
	Error   string
	Failure story.Failure
	Meaning story.Meaning
	Unheard bool
}

// number matches a port, a count, or a time in words. A time may have a decimal point or another unit in another run.
var number = regexp.MustCompile(`\d+(\.\d+)? (h|min|s|ms|µs)\b( \d+(\.\d+)? (min|s)\b)*|\d+`)

func TestStoriesAreComparedWithoutTheirTimes(t *testing.T) {
	for _, heard := range []string{"heard 6 s ago", "heard 6.1 s ago", "heard 990 ms ago", "heard 2 h 13.2 s ago", "heard 1 min 3 s ago"} {
		assert.Equal(t, "heard # ago", number.ReplaceAllString(heard, "#"))
	}
	assert.Equal(t, "port # sends # segments", number.ReplaceAllString("port 8080 sends 2 segments", "#"))
}

// storyIn reads the one story below a folder.
func storyIn(t *testing.T, dir string) (record story.Record) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "story.json" {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		record, err = story.ReadJSON(strings.NewReader(string(text)))
		return err
	}))
	require.NotEmpty(t, record.Events, "no story below %s", dir)
	return record
}

// same is the parts of a story that do not differ from run to run.
func same(record story.Record) (events []event) {
	for _, e := range record.Events {
		same := event{Lane: e.Lane, Kind: e.Kind, Text: number.ReplaceAllString(e.Text, "#"), Call: e.Call, Failure: e.Failure, Error: number.ReplaceAllString(e.Error, "#")}
		if e.Segment != nil {
			same.Meaning, same.Unheard = e.Segment.Meaning, e.Segment.Unheard
		}
		events = append(events, same)
	}
	return events
}
