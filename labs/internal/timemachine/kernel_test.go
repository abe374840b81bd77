package timemachine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/natural"
)

// firstBytes of a kernel for a kind of processor.
func firstBytes(arch string) []byte {
	start := make([]byte, 1024)
	switch arch {
	case "amd64":
		copy(start[0x1fe:], "\x55\xaa")
		copy(start[0x202:], "HdrS")
	case "arm64":
		copy(start[0x38:], "ARM\x64")
	}
	return start
}

func TestKernelIsForOneKindOfProcessor(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64", "riscv64"} {
		for _, of := range []string{"amd64", "arm64", ""} {
			assert.Equal(t, arch == of, isKernel(arch, firstBytes(of)), "a kernel for %q on %s", of, arch)
		}
		assert.False(t, isKernel(arch, nil))
		assert.False(t, isKernel(arch, []byte("#!/bin/sh\n")))
	}
}

func TestKernelsAreFoundWithTheirModules(t *testing.T) {
	if !slices.Contains([]string{"amd64", "arm64"}, runtime.GOARCH) {
		skip.Needs(t, "amd64 or arm64", "this is "+runtime.GOARCH)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("LocalAppData", t.TempDir())
	dir, err := cache()
	require.NoError(t, err)
	none, err := in(dir)
	require.NoError(t, err)
	assert.Empty(t, none)

	put := func(name string, content []byte) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, content, 0o666))
		return path
	}
	start := firstBytes(runtime.GOARCH)
	newer, older := put("newer/boot/vmlinuz-6.12.1", start), put("older/boot/vmlinuz-6.1.10", start)
	tcp := put("newer/usr/lib/modules/6.12.1/kernel/net/ipv4/tcp_diag.ko.xz", nil)
	inet := put("newer/usr/lib/modules/6.12.1/kernel/net/ipv4/inet_diag.ko.xz", nil)

	got, err := in(dir)
	require.NoError(t, err)
	want := []Kernel{{File: newer, modules: []string{inet, tcp}}, {File: older}}
	assert.Empty(t, cmp.Diff(want, got, cmp.AllowUnexported(Kernel{})), "(-want +got)")

	broken := put("broken/boot/vmlinuz-6.6.1", nil)
	got, err = in(dir)
	assert.ErrorContains(t, err, broken+" is not a Linux kernel")
	assert.Empty(t, cmp.Diff(want, got, cmp.AllowUnexported(Kernel{})), "beside one that can't be opened (-want +got)")
}

// On every system, the error has the command that installs QEMU there.
func TestInstallingIsACommandOfTheSystem(t *testing.T) {
	assert.Equal(t, "brew install qemu", installing("darwin", "arm64"))
	assert.Equal(t, "pkg install qemu", installing("freebsd", "amd64"))
	assert.Contains(t, installing("windows", "amd64"), "winget install ")

	bin := t.TempDir()
	t.Setenv("PATH", bin)
	assert.Equal(t, "https://www.qemu.org/download/", installing("linux", "amd64"))
	name := "apk"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	require.NoError(t, os.WriteFile(filepath.Join(bin, name), nil, 0o777))
	assert.Equal(t, "apk add qemu-system-x86_64", installing("linux", "amd64"))
	assert.Equal(t, "apk add qemu-system-aarch64", installing("linux", "arm64"))
}

func TestKernelsAreSortedAsPeopleCount(t *testing.T) {
	want := strings.Fields("vmlinuz-5.10 vmlinuz-6.1 vmlinuz-6.1.9 vmlinuz-6.1.10-cloud vmlinuz-6.12 vmlinuz-10.0")
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural.Compare)
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}
