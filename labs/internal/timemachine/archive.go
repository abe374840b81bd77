package timemachine

import (
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/cavaliergopher/cpio"
)

// archive writes an initramfs: the file system that the kernel unpacks into memory before it starts /init.
type archive struct {
	cpio    *cpio.Writer
	folders map[string]bool
}

func newArchive(w io.Writer) *archive {
	return &archive{cpio: cpio.NewWriter(w), folders: map[string]bool{".": true}}
}

// add adds a file to the archive, and before it, its folders.
func (a *archive) add(name string, size int64, content io.Reader) error {
	name = strings.TrimPrefix(name, "/")
	if err := a.addFolder(path.Dir(name)); err != nil {
		return err
	}
	if err := a.cpio.WriteHeader(&cpio.Header{Name: name, Mode: cpio.TypeReg | 0o755, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(a.cpio, content)
	return err
}

func (a *archive) addFolder(name string) error {
	if a.folders[name] {
		return nil
	}
	a.folders[name] = true
	if err := a.addFolder(path.Dir(name)); err != nil {
		return err
	}
	return a.cpio.WriteHeader(&cpio.Header{Name: name, Mode: cpio.TypeDir | 0o755})
}

// addFile adds a file of this machine to the archive.
func (a *archive) addFile(name, ours string) error {
	file, err := os.Open(ours)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "archive", Path: ours, Err: fs.ErrInvalid}
	}
	return a.add(name, info.Size(), file)
}

func (a *archive) close() error { return a.cpio.Close() }
