package submissions

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// What a submission may be. Ours are a hundredth of it.
const (
	mostText    = 1 << 20   // bytes of one exercise.go
	mostArchive = 32 << 20  // bytes of one archive
	mostFiles   = 20_000    // in one submission: a student's folder has 700
	mostInClass = 1_000_000 // files in all
	mostNested  = 3         // archives in each other
)

// file is one that was handed in, in a folder or in an archive; or a folder in it, which may be empty.
type file struct {
	path string // below the class, the student or the archive, with slashes
	kind fs.FileMode
	open func() (io.ReadCloser, error)
}

func (f file) as(path string) file {
	f.path = path
	return f
}

func (f file) isArchive() bool {
	return f.kind.IsRegular() && strings.EqualFold(path.Ext(f.path), ".zip")
}

// read reads a file that is no larger than most, whatever its archive says of its size.
func (f file) read(most int) ([]byte, error) {
	if !f.kind.IsRegular() {
		return nil, fmt.Errorf("%s is a link, or no file at all, and is not followed", readable(f.path))
	}
	r, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("%s can't be read: %w", readable(f.path), err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("%s can't be read: %w", readable(f.path), err)
	}
	if len(text) > most {
		return nil, fmt.Errorf("%s is larger than %d MiB", readable(f.path), most>>20)
	}
	return text, nil
}

// open lists what a class has handed in. Call done when nothing more is read.
func open(class string) (files []file, done func() error, err error) {
	is, err := os.Stat(class)
	if err != nil {
		return nil, nil, err
	}
	if is.IsDir() {
		root, err := os.OpenRoot(class)
		if err != nil {
			return nil, nil, err
		}
		files, err := inFolder(root)
		if err != nil {
			root.Close()
			return nil, nil, err
		}
		return files, root.Close, nil
	}
	archive, err := zip.OpenReader(class)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is neither a folder nor a zip file: %w", class, err)
	}
	files, err = inArchive(&archive.Reader)
	if err != nil {
		archive.Close()
		return nil, nil, fmt.Errorf("%s: %w", class, err)
	}
	return files, archive.Close, nil
}

// inFolder lists the files of a folder. It follows no links, and can't leave the folder.
func inFolder(root *os.Root) (files []file, err error) {
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && isHidden(entry.Name()):
			return fs.SkipDir
		case name == "." || isHidden(entry.Name()):
			return nil
		case len(files) == mostInClass:
			return fmt.Errorf("there are more than %d files", mostInClass)
		}
		files = append(files, file{name, entry.Type(), func() (io.ReadCloser, error) { return root.Open(name) }})
		return nil
	})
	return files, err
}

// inArchive lists the files of an archive. An archive with paths that lead out of it is not what a platform makes, and
// nothing in it is read.
func inArchive(archive *zip.Reader) (files []file, err error) {
	for _, entry := range archive.File {
		name := strings.ReplaceAll(entry.Name, `\`, "/") // as some programs for Windows write it
		if !fs.ValidPath(path.Clean(name)) {
			return nil, fmt.Errorf("the path %q leads out of the archive", readable(name))
		}
		if slices.ContainsFunc(strings.Split(name, "/"), isHidden) {
			continue
		}
		if len(files) == mostInClass {
			return nil, fmt.Errorf("there are more than %d files", mostInClass)
		}
		files = append(files, file{path.Clean(name), entry.Mode().Type(), entry.Open})
	}
	return files, nil
}

// isHidden is what systems and editors put beside a student's files, git's own, and what a clone has for the project's tests.
func isHidden(name string) bool {
	return name == "__MACOSX" || name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && name != "." && name != ".."
}

// opened lists the files of an archive that was handed in.
func (f file) opened() ([]file, error) {
	text, err := f.read(mostArchive)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, fmt.Errorf("%s can't be read: %w", readable(f.path), err)
	}
	files, err := inArchive(archive)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", readable(f.path), err)
	}
	return files, nil
}

// unpacked are files with those of the archives among them.
func unpacked(files []file, depth int) (all []file, err error) {
	for _, one := range files {
		if !one.isArchive() {
			all = append(all, one)
			continue
		}
		if depth == mostNested {
			return nil, fmt.Errorf("%s is an archive in more than %d others", readable(one.path), mostNested)
		}
		inner, err := one.opened()
		if err != nil {
			return nil, err
		}
		if inner, err = unpacked(inner, depth+1); err != nil {
			return nil, err
		}
		for _, below := range inner {
			all = append(all, below.as(one.path+"/"+below.path))
		}
		if len(all) > mostFiles {
			break
		}
	}
	if len(all) > mostFiles {
		return nil, fmt.Errorf("there are more than %d files", mostFiles)
	}
	return all, nil
}

// errNoFolder is what a file is that is neither a folder nor an archive.
var errNoFolder = errors.New("it is neither a folder nor a zip file")
