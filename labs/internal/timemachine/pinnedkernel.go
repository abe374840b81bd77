package timemachine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"socketlabs/labs/internal/gotest"
)

// goModule is a Go module that contains a kernel. It is pinned: the go command downloads it from wherever the user gets
// modules, and its checksum must be this one.
type goModule struct{ path, version, sum, release string }

// kernelModules are built by the project gokrazy. Their license is the GPL, version 2. We
// don't distribute them: the go command downloads them for each user.
var kernelModules = map[string]goModule{
	"amd64": {"github.com/gokrazy/kernel.amd64", "v0.0.0-20260705070735-de680abf072b", "h1:H9m4mwDqTyQG0AKVviBQp09T3OrY1X3tHNyrJCbqJfY=", "7.1.2"},
	"arm64": {"github.com/gokrazy/kernel.arm64", "v0.0.0-20260705071517-37841c4d6ff1", "h1:MYq3OcTlEz46i/DZxG3c6ePjE6Te/024cPW2VHTBVAs=", "7.1.2"},
}

// Download is the kernel in a Go module. The go command downloads it the first time, into its module cache, and later
// finds it there. It adds nothing to a go.mod.
func Download(ctx context.Context, arch string) (Kernel, error) {
	module, known := kernelModules[arch]
	if !known {
		return Kernel{}, noMachine(arch)
	}
	if err := gotest.Ready(); err != nil {
		return Kernel{}, err
	}
	dir, err := module.download(ctx)
	if err != nil {
		return Kernel{}, err
	}
	kernel, err := openKernel(filepath.Join(dir, "vmlinuz"), arch)
	if err != nil {
		return Kernel{}, err
	}
	kernel.Module, kernel.release = module.path+"@"+module.version, module.release
	return kernel, nil
}

// download returns the folder of the module.
func (m goModule) download(ctx context.Context) (dir string, err error) {
	outside, err := os.MkdirTemp("", "kernel-") // outside of any module, so that no go.mod can change
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(outside)
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.path+"@"+m.version)
	cmd.Dir, cmd.Env = outside, append(os.Environ(), "GOWORK=off")
	said, failed := cmd.Output()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var got struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(said, &got); err != nil {
		return "", fmt.Errorf("can't get the kernel %s: go mod download: %w", m.path, cmp.Or(failed, err))
	}
	if got.Error != "" {
		why, _, _ := strings.Cut(got.Error, "\n")
		return "", fmt.Errorf("can't get the kernel: %s", why)
	}
	if got.Sum != m.sum {
		return "", fmt.Errorf("%s is not the kernel that the labs know: its checksum is %s, and %s was expected", m.path, got.Sum, m.sum)
	}
	return got.Dir, nil
}

// License is the file with the license of a kernel that is a Go module.
func (k Kernel) License() string { return filepath.Join(filepath.Dir(k.File), "LICENSE.linux") }
