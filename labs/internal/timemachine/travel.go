package timemachine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine/protocol"
)

// Run runs the job on a kernel, and calls each for every event, as gotest.Do does. It returns the kernel's release. It puts
// the artifacts of tests into the folder left, unless that is empty. The error is gotest.ErrFailed if tests have failed. Any
// other error is one line that says why they did not run, or did not end.
func (j *Job) Run(ctx context.Context, kernel Kernel, limit time.Duration, left string, each func(gotest.Event)) (release string, err error) {
	dir, err := os.MkdirTemp(j.dir, "kernel-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	archive := filepath.Join(dir, "archive")
	if err := j.writeArchive(archive, kernel, left != ""); err != nil {
		return "", err
	}
	h := &home{each: each, ends: j.ended, converters: make(map[string]*converter)}
	if left != "" {
		if h.left, err = os.OpenRoot(left); err != nil {
			return "", err
		}
		defer h.left.Close()
	}
	defer h.close()
	err = j.machine.boot(ctx, kernel, archive, dir, limit, func(line io.Reader) error {
		return protocol.Receive(line, func(message protocol.Message) error { return h.take(ctx, message) })
	})
	if err == nil && h.failed {
		err = gotest.ErrFailed
	}
	return h.release, err
}

// home receives the messages of the guest.
type home struct {
	left       *os.Root // the folder for artifacts; nil if they are not wanted
	release    string
	converters map[string]*converter // by package
	ends       map[string]func(limit string)

	mu     sync.Mutex // converters run at the same time
	each   func(gotest.Event)
	failed bool
}

func (h *home) take(ctx context.Context, m protocol.Message) error {
	switch m.Kind {
	case protocol.Booted:
		h.release = string(m.Text)
	case protocol.Output:
		c := h.converters[m.Package]
		if c == nil {
			var err error
			if c, err = convert(ctx, m.Package, h.event); err != nil {
				return err
			}
			h.converters[m.Package] = c
		}
		_, err := c.Write(m.Text)
		return err
	case protocol.Artifact:
		return h.keep(m)
	case protocol.Ended:
		return h.ended(m)
	case protocol.Done:
		if len(m.Text) > 0 {
			return fmt.Errorf("guest: %s", m.Text)
		}
	}
	return nil
}

// inside is a path of the guest, relative to the folder for artifacts.
func inside(path string) string {
	if rooted, err := filepath.Rel("/", filepath.FromSlash(path)); err == nil {
		return rooted
	}
	return path
}

func (h *home) keep(m protocol.Message) error {
	name := inside(m.Path)
	if err := h.left.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return h.left.WriteFile(name, m.Text, 0o666)
}

func (h *home) ended(m protocol.Message) error {
	var err error
	if c := h.converters[m.Package]; c != nil {
		err = c.end()
		delete(h.converters, m.Package)
	}
	if end := h.ends[m.Package]; end != nil {
		end(string(m.Text))
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Status == 2 && !h.failed { // the test binary could not run its tests, and has printed why
		return errors.Join(err, fmt.Errorf("%s: exit status %d", m.Package, m.Status))
	}
	h.failed = h.failed || m.Status != 0
	return err
}

func (h *home) event(e gotest.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Action == gotest.Artifacts {
		e.Path = filepath.Join(h.left.Name(), inside(e.Path))
	}
	h.failed = h.failed || e.Action == gotest.Fail
	h.each(e)
}

// close ends the converters that still run if the guest went off too early.
func (h *home) close() {
	for _, c := range h.converters {
		c.end() // its error follows from the end of the guest, which Run reports
	}
}
