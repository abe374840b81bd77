package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"socketlabs/labs/internal/timemachine/protocol"
)

// work does the job, and sends the results to the host. If the machine has no job, it serves: see serve.
func work() error {
	if _, err := os.Stat(protocol.JobFile); errors.Is(err, fs.ErrNotExist) {
		return serve()
	}
	line, err := openLine()
	if err != nil {
		return err
	}
	home := protocol.NewWriter(line)
	done := protocol.Message{Kind: protocol.Done}
	if err := doJob(home); err != nil {
		done.Text = []byte(err.Error())
	}
	if err := errors.Join(home.Send(done), home.Close()); err != nil {
		return err
	}
	return unix.IoctlSetInt(int(line.Fd()), unix.TCSBRK, 1) // waits until everything is sent: tcdrain(3)
}

// openLine opens the serial line to the host, and makes it carry every byte unchanged. It is the line on the
// PCI bus; the console's line is not.
func openLine() (*os.File, error) {
	const lines = "/sys/class/tty"
	found, err := os.ReadDir(lines)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(found, func(entry fs.DirEntry) bool {
		device, _ := os.Readlink(filepath.Join(lines, entry.Name()))
		return strings.HasPrefix(entry.Name(), "ttyS") && strings.Contains(device, "/pci")
	})
	if i < 0 {
		return nil, errors.New("there is no serial line on the PCI bus")
	}
	return openRaw(filepath.Join("/dev", found[i].Name()))
}

// openRaw opens a serial line, and makes it carry every byte unchanged.
func openRaw(name string) (*os.File, error) {
	line, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	raw := &unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200} // without output processing
	raw.Cc[unix.VMIN] = 1                                                           // a read waits for a byte
	if err := unix.IoctlSetTermios(int(line.Fd()), unix.TCSETS, raw); err != nil {
		return nil, fmt.Errorf("%s: %w", line.Name(), err)
	}
	return line, nil
}

func doJob(home *protocol.Writer) error {
	text, err := os.ReadFile(protocol.JobFile)
	if err != nil {
		return err
	}
	var job protocol.Job
	if err := json.Unmarshal(text, &job); err != nil {
		return err
	}
	var system unix.Utsname
	if err := unix.Uname(&system); err != nil {
		return err
	}
	release := []byte(unix.ByteSliceToString(system.Release[:]))
	if err := home.Send(protocol.Message{Kind: protocol.Booted, Text: release}); err != nil {
		return err
	}
	for _, test := range job.Tests { // one after another, because waiting takes no real time here, and computing does
		if err := run(home, test, job); err != nil {
			return err
		}
	}
	return nil
}

// run runs a test binary, as go test does.
func run(home *protocol.Writer, test protocol.Test, job protocol.Job) error {
	artifacts := filepath.Join(protocol.Artifacts, test.Binary)
	if err := os.MkdirAll(artifacts, 0o777); err != nil { // it exists if the binary runs again
		return err
	}
	within, end := context.WithCancelCause(context.Background())
	defer end(nil)
	if test.Time > 0 {
		defer time.AfterFunc(test.Time, func() { end(errors.New(protocol.OfTime)) }).Stop()
	}
	cmd := exec.CommandContext(within, filepath.Join(protocol.Binaries, test.Binary), test.Args...)
	if job.Artifacts {
		cmd.Args = append(cmd.Args, "-test.artifacts", "-test.outputdir="+artifacts)
	}
	cmd.Env, cmd.Stdin = append(job.Env, test.Env...), strings.NewReader(test.Stdin)
	says := &output{home: home, of: test.Package, most: test.Output, exceeded: func() { end(errors.New(protocol.OfOutput)) }}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = says, says, time.Second // processes that it has started may keep the pipes open
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && within.Err() == nil {
		return err
	}
	if err := sendFiles(home, test.Package, artifacts); err != nil {
		return err
	}
	ended := protocol.Message{Kind: protocol.Ended, Package: test.Package, Status: cmd.ProcessState.ExitCode()}
	if limit := context.Cause(within); limit != nil {
		ended.Text = []byte(limit.Error())
	}
	return home.Send(ended)
}

// output sends the output of tests to the host, up to a limit.
type output struct {
	home     *protocol.Writer
	of       string
	sent     int
	most     int // bytes; 0 means no limit
	exceeded func()
}

func (o *output) Write(text []byte) (int, error) {
	if o.sent += len(text); o.most > 0 && o.sent > o.most {
		o.exceeded()
		return len(text), nil
	}
	return len(text), o.home.Send(protocol.Message{Kind: protocol.Output, Package: o.of, Text: text})
}

// sendFiles sends the files that the tests of a package have left to the host.
func sendFiles(home *protocol.Writer, of, dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return home.Send(protocol.Message{Kind: protocol.Artifact, Package: of, Path: name, Text: text})
	})
}
