// Package wholefile writes files atomically: a file is complete, or it is as it was before.
package wholefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/sys/atomicwriter"
)

// CanReplace fails if the file can't be written. It does not change the file.
func CanReplace(file string) error {
	attempt, err := atomicwriter.New(file, 0)
	if err == nil {
		err = attempt.Close() // nothing was written to it
	}
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", file, err)
	}
	return nil
}

// most is the largest file that a browser can still show as a page. Our pages are a twentieth of it.
const most = 64 << 20

// ErrLarge means that a file would be larger than that.
var ErrLarge = fmt.Errorf("the page would be larger than %d MiB: keep less in the folder", most>>20)

// limited is the text of a file, up to the limit.
type limited struct{ bytes.Buffer }

func (p *limited) Write(text []byte) (int, error) {
	if p.Len()+len(text) > most {
		return 0, ErrLarge
	}
	return p.Buffer.Write(text)
}

// Replace writes a new file, or replaces an old one.
func Replace(file string, write func(io.Writer) error) (size int, err error) {
	var text limited
	if err := write(&text); err != nil {
		return 0, err
	}
	mode, err := modeOf(file)
	if err == nil {
		err = atomicwriter.WriteFile(file, text.Bytes(), mode)
	}
	if err != nil {
		return 0, fmt.Errorf("%s can't be written: %w", file, err)
	}
	return text.Len(), nil
}

// modeOf says who may read and write a file: as before, or if it is new, as the user's umask says. A table of a class's points
// may be for its owner only.
func modeOf(file string) (fs.FileMode, error) {
	if is, err := os.Stat(file); err == nil {
		return is.Mode().Perm(), nil
	}
	folder, err := os.MkdirTemp(filepath.Dir(file), ".tmp-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	another, err := os.Create(filepath.Join(folder, "new"))
	if err != nil {
		return 0, err
	}
	defer another.Close()
	is, err := another.Stat()
	if err != nil {
		return 0, err
	}
	return is.Mode().Perm(), nil
}

// New writes a new file, or none. If the file exists, the error is fs.ErrExist, and New does not change it.
func New(file string, text []byte) error {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(file) // it is incomplete
	}
	return err
}
