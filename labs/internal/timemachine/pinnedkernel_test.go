package timemachine

import (
	"archive/zip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moduleWith is a Go module with a kernel for this processor. It can be downloaded from a folder, into an empty cache.
func moduleWith(t *testing.T, kernel []byte) goModule {
	t.Helper()
	m := goModule{path: "example.test/kernel", version: "v1.0.0", release: "1.2.3"}
	proxy := t.TempDir()
	dir := filepath.Join(proxy, filepath.FromSlash(m.path), "@v")
	require.NoError(t, os.MkdirAll(dir, 0o777))
	const mod = "module example.test/kernel\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, m.version+".info"), []byte(`{"Version": "v1.0.0"}`), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, m.version+".mod"), []byte(mod), 0o666))
	file, err := os.Create(filepath.Join(dir, m.version+".zip"))
	require.NoError(t, err)
	defer file.Close()
	archive := zip.NewWriter(file)
	for name, content := range map[string][]byte{"go.mod": []byte(mod), "vmlinuz": kernel} {
		part, err := archive.Create(m.path + "@" + m.version + "/" + name)
		require.NoError(t, err)
		_, err = part.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	t.Setenv("GOPROXY", "file:///"+strings.TrimPrefix(filepath.ToSlash(proxy), "/"))
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", t.TempDir())
	return m
}

// The module is downloaded only the first time. Later, no network is needed. No go.mod changes.
func TestKernelIsDownloadedOnce(t *testing.T) {
	m := moduleWith(t, firstBytes(runtime.GOARCH))
	before, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)

	_, err = m.download(t.Context())
	require.ErrorContains(t, err, "its checksum is h1:", "the first checksum is none")
	_, sum, _ := strings.Cut(err.Error(), "checksum is ")
	m.sum, _, _ = strings.Cut(sum, ",")
	dir, err := m.download(t.Context())
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "vmlinuz"))

	t.Setenv("GOPROXY", "off")
	again, err := m.download(t.Context())
	require.NoError(t, err)
	assert.Equal(t, dir, again)
	after, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

func TestKernelThatCantBeHadIsOneLine(t *testing.T) {
	m := moduleWith(t, nil)
	_, err := m.download(t.Context())
	assert.ErrorContains(t, err, "is not the kernel that the labs know")

	m.version = "v1.0.1"
	_, err = m.download(t.Context())
	require.ErrorContains(t, err, "can't get the kernel: ")
	assert.NotContains(t, err.Error(), "\n")

	t.Setenv("GOFLAGS", "-nonsense")
	_, err = m.download(t.Context())
	require.ErrorContains(t, err, "can't get the kernel ")
	assert.NotContains(t, err.Error(), "\n")

	_, err = Download(t.Context(), "riscv64")
	assert.ErrorContains(t, err, "this is riscv64")
}

// The pinned modules contain the kernels that their names say. The test checks only modules that were downloaded before.
func TestPinnedKernelsAreKernels(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	for arch := range machines {
		kernel, err := Download(t.Context(), arch)
		if err != nil {
			assert.ErrorContains(t, err, "GOPROXY=off")
			continue
		}
		assert.NoError(t, func() error { _, err := openKernel(kernel.File, arch); return err }())
		assert.FileExists(t, kernel.License())
		assert.Equal(t, "7.1.2", kernel.Name())
	}
}
