package pagemachine

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"socketlabs/labs/internal/timemachine/protocol"
)

//go:embed save.mjs
var saveScript []byte

// Module is machine.mjs, the configuration of the machine. Pages use it, too.
//
//go:embed machine.mjs
var Module []byte

// kernelWords is the kernel's command line. It tells the kernel to print little, to leave out what only takes time, and
// to trust its clock. Debian's 32-bit kernels tick all the time (CONFIG_HZ_PERIODIC), so a tick should cost little:
// without high-resolution timers, the kernel does less in each.
const kernelWords = "quiet panic=-1 console=ttyS0 cryptomgr.notests nowatchdog transparent_hugepage=never apparmor=0 " +
	"mitigations=off nokaslr tsc=reliable highres=off"

// Machine is a machine that is ready for a page.
type Machine struct {
	Kernel string            // the kernel's release
	Files  map[string]string // paths of its files, by their names for the page
}

// Make makes a machine that can run these labs of the module at root. It keeps the machine's state in a cache, and uses it
// again if nothing has changed. It calls progress before each step that takes long.
func Make(ctx context.Context, root string, labs []string, progress func(doing string)) (*Machine, error) {
	parts, kernel, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "labs-pagemachine-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	progress("compiling the labs for a 32-bit PC")
	archive, err := parts.build(ctx, root, labs, dir)
	if err != nil {
		return nil, err
	}
	release, state, err := parts.state(ctx, kernel, archive, dir, progress)
	if err != nil {
		return nil, err
	}
	return &Machine{Kernel: release, Files: map[string]string{
		"libv86.mjs": parts.file("libv86.mjs"),
		"v86.wasm":   parts.file("v86.wasm"),
		"bios.bin":   parts.file("bios.bin"),
		"state.zst":  state,
	}}, nil
}

// state is the kernel's release, and the file with the machine's state after its boot. It makes the file if the cache does
// not have it.
func (p parts) state(ctx context.Context, kernel, archive, dir string, progress func(string)) (release, state string, err error) {
	name, err := nameOf(kernel, archive, p.file("v86.wasm"))
	if err != nil {
		return "", "", err
	}
	cache, err := cache()
	if err != nil {
		return "", "", err
	}
	states := filepath.Join(cache, "states")
	said, state := filepath.Join(states, name+".json"), filepath.Join(states, name+".zst")
	if _, err := os.Stat(state); err != nil {
		if err := p.makeState(ctx, kernel, archive, dir, states, name, progress); err != nil {
			return "", "", err
		}
	}
	text, err := os.ReadFile(said)
	if err != nil {
		return "", "", err
	}
	var booted protocol.Message
	if err := json.Unmarshal(text, &booted); err != nil {
		return "", "", fmt.Errorf("%s: %w", said, err)
	}
	return string(booted.Text), state, nil
}

// makeState makes two files in the folder states: the machine's first message, and its state. Other processes may do the same,
// or use older states. So each file is complete when it gets its name, and makeState removes only states that are a day old.
func (p parts) makeState(ctx context.Context, kernel, archive, dir, states, name string, progress func(string)) error {
	if err := os.MkdirAll(states, 0o777); err != nil {
		return err
	}
	if err := removeOld(states); err != nil {
		return err
	}
	beside, err := os.MkdirTemp(states, "making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	progress("booting the machine of the page, once")
	message, err := p.boot(ctx, kernel, archive, dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(beside, name+".json"), message, 0o666); err != nil {
		return err
	}
	progress("compressing its state, once")
	// The test binaries resemble each other, so the window must be as large as the state.
	const strong, window = "-19", "--long=27"
	if err := do(ctx, "zstd", "-q", "-f", strong, window, "-T0", filepath.Join(dir, "state"), "-o", filepath.Join(beside, name+".zst")); err != nil {
		return err
	}
	for _, kind := range []string{".json", ".zst"} { // the state last, because it means that both exist
		if err := os.Rename(filepath.Join(beside, name+kind), filepath.Join(states, name+kind)); err != nil {
			return err
		}
	}
	return nil
}

// removeOld removes old states: their sources have probably changed.
func removeOld(states string) error {
	entries, err := os.ReadDir(states)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			err = os.RemoveAll(filepath.Join(states, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// boot boots the machine, writes its state into dir, and returns its first message.
func (p parts) boot(ctx context.Context, kernel, archive, dir string) (message []byte, err error) {
	for name, text := range map[string][]byte{"save.mjs": saveScript, "machine.mjs": Module} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "save.mjs"), string(p), kernel, archive, filepath.Join(dir, "state"), kernelWords)
	message, err = cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("the machine of the page does not boot: %s", exit.Stderr)
	}
	return message, err
}

// nameOf is the name of a state: a checksum of the files that it is made of.
func nameOf(files ...string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", err
		}
	}
	sum.Write(saveScript)
	sum.Write(Module)
	io.WriteString(sum, kernelWords)
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// do runs a program that prints nothing unless it fails.
func do(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
