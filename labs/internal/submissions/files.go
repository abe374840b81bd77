package submissions

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Limits of a submission. The project's own files need a hundredth of them.
const (
	mostText   = 1 << 20 // bytes of one exercise.go
	mostNested = 3       // nested archives
	mostInPath = 4096    // bytes: what Linux allows; other systems allow less
)

// Limits of an archive, and of a whole submission with its archives. The tests of this package make them smaller.
var (
	mostArchive = 32 << 20        // bytes
	mostRead    = 2 * mostArchive // bytes
	mostFiles   = 20_000          // a student's folder has 700
)

// file is a file of a submission, in a folder or in an archive; or a folder, which may be empty.
type file struct {
	path string // relative to the class, the student or the archive, with slashes
	kind fs.FileMode
	open func() (io.ReadCloser, error)
	err  error // why it can't be read
}

func (f file) as(path string) file {
	f.path = path
	return f
}

func (f file) isArchive() bool {
	return f.kind.IsRegular() && strings.EqualFold(path.Ext(f.path), ".zip")
}

// unread is the error for a file or a folder that can't be read. It replaces the name in the system's error, which the student
// chose, by a readable one.
func (f file) unread(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("%s can't be read: %w", readable(f.path), err)
}

// read reads a file, and fails if that is larger than most. It does not believe the size that an archive gives.
func (f file) read(most int) ([]byte, error) {
	if !f.kind.IsRegular() {
		return nil, fmt.Errorf("%s is a link or a special file, and is not read", readable(f.path))
	}
	r, err := f.open()
	if err != nil {
		return nil, f.unread(err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, f.unread(err)
	}
	if len(text) > most {
		return nil, fmt.Errorf("%s is larger than %d MiB", readable(f.path), most>>20)
	}
	return text, nil
}

// isHidden reports whether a file is not the student's: systems, editors and git make some, and a clone has those of the
// project's tests.
func isHidden(name string) bool {
	return name == "__MACOSX" || name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && name != "." && name != ".."
}

// entryOfArchive is the beginning of an entry in the directory of an archive.
var entryOfArchive = []byte("PK\x01\x02")

// opened lists the files of an archive in a submission.
func (f file) opened(read reader) ([]file, error) {
	text, err := read(f, mostArchive)
	if err != nil {
		return nil, err
	}
	const perFile = 10 // for those that we don't look at
	if bytes.Count(text, entryOfArchive) > perFile*mostFiles {
		return nil, errManyFiles() // before each takes ten times as much memory
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, f.unread(err)
	}
	files := inArchive(archive)
	if len(files) > mostFiles {
		return nil, errManyFiles()
	}
	return files, nil
}

// reader reads files up to a size. See [file.read].
type reader func(f file, most int) ([]byte, error)

// ofOneSubmission is a reader for one submission. It limits what it reads in total, because an archive may be small and grow
// enormously when it is unpacked.
func ofOneSubmission() reader {
	left := mostRead
	return func(f file, most int) ([]byte, error) {
		text, err := f.read(most)
		if left -= len(text); left < 0 {
			return nil, fmt.Errorf("reading it takes more than %d MiB", mostRead>>20)
		}
		return text, err
	}
}

// unpacked are the files, with the files of each archive in its place.
func unpacked(files []file, read reader, depth int) (all []file, err error) {
	for _, one := range files {
		switch {
		case one.err != nil:
			return nil, one.unread(one.err)
		case !one.isArchive():
			all = append(all, one)
			continue
		case depth == mostNested:
			return nil, fmt.Errorf("%s is an archive in more than %d others", readable(one.path), mostNested)
		}
		inner, err := one.opened(read)
		if err != nil {
			return nil, err
		}
		if inner, err = unpacked(inner, read, depth+1); err != nil {
			return nil, err
		}
		for _, below := range inner {
			if len(one.path)+len(below.path) > mostInPath {
				return nil, fmt.Errorf("%s: %w", readable(one.path), errLongPath)
			}
			all = append(all, below.as(one.path+"/"+below.path))
		}
		if len(all) > mostFiles {
			break
		}
	}
	if len(all) > mostFiles {
		return nil, errManyFiles()
	}
	return all, nil
}

// errNoFolder means that a submission is neither a folder nor an archive.
var errNoFolder = errors.New("it is neither a folder nor a zip file")

// errLongPath means that an archive has a path that no system can have.
var errLongPath = fmt.Errorf("a path is longer than %d bytes", mostInPath)

func errManyFiles() error { return fmt.Errorf("there are more than %d files", mostFiles) }
