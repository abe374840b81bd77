package timemachine

import (
	"bytes"
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

// Kernel is one that can be started.
type Kernel struct {
	File    string
	modules []string // files with the parts of it that the guest has to load, in order
}

// Name is that of the kernel's file, without what all of them begin with.
func (k Kernel) Name() string { return strings.TrimPrefix(filepath.Base(k.File), "vmlinuz-") }

// cache is where "make kernels" puts kernels: each package of the system's, unpacked, in a folder.
func cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("there is no folder for kernels: set HOME")
	}
	return filepath.Join(dir, "socketlabs", "kernels"), nil
}

// Kernels finds those that "make kernels" has put into the user's cache.
func Kernels() ([]Kernel, error) {
	dir, err := cache()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "boot", "vmlinuz-*"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf(`there is no kernel in %s: put some there with "make kernels"`, dir)
	}
	slices.SortFunc(files, func(a, b string) int { return natural.Compare(filepath.Base(a), filepath.Base(b)) })
	var kernels []Kernel
	for _, file := range files {
		kernel, err := OpenKernel(file)
		if err != nil {
			return nil, err
		}
		kernels = append(kernels, kernel)
	}
	return kernels, nil
}

// OpenKernel looks whether the file is a kernel for this kind of processor.
func OpenKernel(name string) (Kernel, error) {
	file, err := os.Open(name)
	if err != nil {
		return Kernel{}, err
	}
	defer file.Close()
	start := make([]byte, 1024)
	if _, err := io.ReadFull(file, start); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Kernel{}, err
	}
	if !isKernel(runtime.GOARCH, start) {
		return Kernel{}, fmt.Errorf("%s is no Linux kernel for %s", name, runtime.GOARCH)
	}
	return Kernel{File: name, modules: modulesOf(name)}, nil
}

// isKernel knows kernels by their first bytes: Documentation/arch/x86/boot.rst and arm64/booting.rst.
func isKernel(arch string, start []byte) bool {
	has := func(at int, magic string) bool { return bytes.HasPrefix(start[min(at, len(start)):], []byte(magic)) }
	switch arch {
	case "amd64":
		return has(0x1fe, "\x55\xaa") && has(0x202, "HdrS")
	case "arm64":
		return has(0x38, "ARM\x64") || has(0, "\x1f\x8b") || has(0, "MZ") && has(4, "zimg") // as it is, compressed, or with both its loader and that
	default:
		return false
	}
}

// modulesOf finds the parts of a kernel by which it shows its table of sockets, where its package has
// put them. Some kernels have them built in.
func modulesOf(kernel string) []string {
	_, release, _ := strings.Cut(filepath.Base(kernel), "vmlinuz-")
	var found []string
	for _, module := range []string{"inet_diag", "tcp_diag"} { // the second needs the first
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
