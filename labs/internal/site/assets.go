package site

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/pagemachine"
	"socketlabs/labs/internal/picture"
	"socketlabs/labs/internal/reportpage"
)

//go:embed assets
var assets embed.FS

// machineFolder is the folder of the machine's files in the site.
const machineFolder = "machine"

// program is the Go program that a page runs, compiled to WebAssembly.
const program = "assets/lab.wasm"

// assets writes all files that are not pages.
func (w *writer) assets(ctx context.Context, c Content) error {
	own, err := assets.ReadDir("assets")
	if err != nil {
		return err
	}
	for _, entry := range own {
		name := path.Join("assets", entry.Name())
		text, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		if entry.Name() == "site.css" {
			text = append([]byte(reportpage.Style()), text...)
		}
		if err := w.write(name, text); err != nil {
			return err
		}
	}
	if err := w.write("assets/machine.mjs", pagemachine.Module); err != nil {
		return err
	}
	if err := w.write("assets/picture.js", []byte(picture.Script)); err != nil {
		return err
	}
	if err := w.known(c); err != nil {
		return err
	}
	return w.compiled(ctx, c.Root)
}

// known writes the experiments with their sources, for the search.
func (w *writer) known(c Content) error {
	var all []any
	for _, e := range c.Experiments {
		source, err := e.Source(c.Root)
		if err != nil {
			return err
		}
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		var known map[string]any
		if err := json.Unmarshal(text, &known); err != nil {
			return err
		}
		known["source"] = source
		all = append(all, known)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return w.write("assets/experiments.json", text)
}

// compiled writes the program, and Go's own script that starts it.
func (w *writer) compiled(ctx context.Context, root string) error {
	dir, err := os.MkdirTemp("", "labs-site-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "lab.wasm")
	env := append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if err := gotest.Build(ctx, root, dir, env, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, "./labs/internal/inpage"); err != nil {
		return err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	for name, path := range map[string]string{
		program:               binary,
		"assets/wasm_exec.js": filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"),
	} {
		if err := w.copy(name, path); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) copy(name, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return w.write(name, text)
}

// machine writes the machine's files, if there is one.
func (w *writer) machine(m *pagemachine.Machine) error {
	if m == nil {
		return nil
	}
	for name, path := range m.Files {
		if err := w.copy(machineFolder+"/"+name, path); err != nil {
			return err
		}
	}
	return nil
}
