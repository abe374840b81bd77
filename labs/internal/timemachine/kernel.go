package timemachine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"socketlabs/labs/internal/natural"
)

// Kernel is a kernel that the time machine can boot.
type Kernel struct {
	File    string
	Module  string   // the Go module that contains it, with its version; empty if none does
	release string   // its release, if it is in a Go module
	modules []string // the files of the kernel modules that the guest has to load, in order
}

// Name is the kernel's release, if that is known without booting it.
func (k Kernel) Name() string {
	return cmp.Or(k.release, strings.TrimPrefix(filepath.Base(k.File), "vmlinuz-"))
}

// cache is the folder of the kernels of "make kernels": each is an unpacked package of Debian, in a folder.
func cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("there is no folder for kernels: set HOME")
	}
	return filepath.Join(dir, "socketlabs", "kernels"), nil
}

// Kernels are all kernels, the oldest first: those that "make kernels" has put into the user's cache, and the one in a Go
// module. If some can't be opened or downloaded, the error says why, and the result is the others.
func Kernels(ctx context.Context) ([]Kernel, error) {
	dir, err := cache()
	if err != nil {
		return nil, err
	}
	kernels, unusable := in(dir)
	downloaded, err := Download(ctx, runtime.GOARCH)
	switch {
	case err == nil:
		kernels = append(kernels, downloaded)
	case len(kernels) == 0 && ctx.Err() == nil:
		err = fmt.Errorf(`%w; "make kernels" gets Debian's`, err)
	}
	slices.SortFunc(kernels, func(a, b Kernel) int { return natural.Compare(a.Name(), b.Name()) })
	return kernels, errors.Join(unusable, err)
}

// in finds the kernels that "make kernels" has downloaded to a folder. If some can't be opened, the error says why, and the result
// is the others.
func in(dir string) (kernels []Kernel, unusable error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "boot", "vmlinuz-*"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		kernel, err := OpenKernel(file)
		if err != nil {
			unusable = errors.Join(unusable, err)
			continue
		}
		kernels = append(kernels, kernel)
	}
	return kernels, unusable
}

// OpenKernel checks that the file is a kernel for this kind of processor.
func OpenKernel(name string) (Kernel, error) { return openKernel(name, runtime.GOARCH) }

func openKernel(name, arch string) (Kernel, error) {
	file, err := os.Open(name)
	if err != nil {
		return Kernel{}, err
	}
	defer file.Close()
	start := make([]byte, 1024)
	if _, err := io.ReadFull(file, start); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Kernel{}, err
	}
	if !isKernel(arch, start) {
		return Kernel{}, fmt.Errorf("%s is not a Linux kernel for %s", name, arch)
	}
	return Kernel{File: name, modules: modulesOf(name)}, nil
}

// isKernel recognizes a kernel by its first bytes: Documentation/arch/x86/boot.rst and arm64/booting.rst.
func isKernel(arch string, start []byte) bool {
	has := func(at int, magic string) bool { return bytes.HasPrefix(start[min(at, len(start)):], []byte(magic)) }
	switch arch {
	case "amd64":
		return has(0x1fe, "\x55\xaa") && has(0x202, "HdrS")
	case "arm64":
		return has(0x38, "ARM\x64") || has(0, "\x1f\x8b") || has(0, "MZ") && has(4, "zimg") // an image, a compressed image, or a compressed image with a loader
	default:
		return false
	}
}

// modulesOf finds the modules through which a kernel shows its table of sockets, among the files of its package.
// Some kernels have them built in.
func modulesOf(kernel string) []string {
	_, release, _ := strings.Cut(filepath.Base(kernel), "vmlinuz-")
	var found []string
	for _, module := range []string{"inet_diag", "tcp_diag"} { // tcp_diag needs inet_diag
		for _, lib := range []string{"lib", "usr/lib"} {
			path := filepath.Join(filepath.Dir(kernel), "..", lib, "modules", release, "kernel/net/ipv4", module+".ko*")
			if files, err := filepath.Glob(path); err == nil && len(files) > 0 {
				found = append(found, files[0])
				break
			}
		}
	}
	return found
}
