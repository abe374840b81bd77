package submissions

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// open lists the files in a folder or an archive. Of those of each owner it lists hardly more than a submission may have, so
// that nobody can use up memory: what is wrong with one is said only of that one. Call done after the last read.
func open(of string, owner func(name string) string) (files []file, done func() error, err error) {
	is, err := os.Stat(of)
	if err != nil {
		return nil, nil, err
	}
	if is.IsDir() {
		root, err := os.OpenRoot(of)
		if err != nil {
			return nil, nil, err
		}
		files, err := inFolder(root, owner)
		if err != nil {
			root.Close()
			return nil, nil, err
		}
		return files, root.Close, nil
	}
	archive, err := zip.OpenReader(of)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is neither a folder nor a zip file: %w", of, err)
	}
	return inArchive(&archive.Reader), archive.Close, nil
}

// ofEach is the owner of a file in a class: each entry of its folder is a student's, or each in the folder that Gradescope exports.
func ofEach(name string) string {
	first, rest, _ := strings.Cut(name, "/")
	if exported.MatchString(first) {
		second, _, _ := strings.Cut(rest, "/")
		return path.Join(first, second)
	}
	return first
}

// ofOne is the owner of a file in a submission.
func ofOne(string) string { return "" }

// inFolder lists the files of a folder. It follows no links, so it never leaves the folder.
func inFolder(root *os.Root, owner func(name string) string) (files []file, err error) {
	listed := make(map[string]int)
	err = fs.WalkDir(anyNames{root}, ".", func(name string, entry fs.DirEntry, err error) error {
		by := owner(name)
		switch {
		case err != nil && name == ".":
			return err
		case err != nil: // affects only this student
			files = append(files, file{path: name, kind: fs.ModeIrregular, err: err})
			return nil
		case entry.IsDir() && isHidden(entry.Name()):
			return fs.SkipDir
		case name == "." || isHidden(entry.Name()):
			return nil
		case listed[by] > mostFiles+1: // a folder itself is not among its files
			return fs.SkipDir
		}
		listed[by]++
		files = append(files, file{path: name, kind: entry.Type(), open: func() (io.ReadCloser, error) { return root.Open(name) }})
		return nil
	})
	return files, err
}

// anyNames is a folder as an [fs.FS]. The one that [os.Root] itself has refuses names that are not UTF-8, which old archives and
// systems have.
type anyNames struct{ root *os.Root }

func (f anyNames) Open(name string) (fs.File, error) { return f.root.Open(name) }

// inArchive lists the files of an archive.
func inArchive(archive *zip.Reader) (files []file) {
	for _, entry := range archive.File {
		name := strings.ReplaceAll(entry.Name, `\`, "/") // some programs for Windows write backslashes
		parts := strings.Split(name, "/")
		if n, err := inside(parts); err != nil {
			at := path.Join(append(parts[:n:n], "…")...)
			files = append(files, file{path: at, kind: fs.ModeIrregular, err: err})
			continue
		}
		if path.Clean(name) != "." && !slices.ContainsFunc(parts, isHidden) {
			files = append(files, file{path: path.Clean(name), kind: entry.Mode().Type(), open: entry.Open})
		}
	}
	return files
}

// inside fails if a path leads out of its folder, or is longer than a system can have: many files with such a path would use up
// memory, because the paths of archives that contain each other add up. Platforms make no such archives. But a student may give a file
// a name with backslashes, so that it would be another student's in an archive of the class. The first n parts of the path are
// the student's folder, or below it.
func inside(parts []string) (n int, err error) {
	length := 0
	for i, part := range parts {
		if length += len(part) + 1; length > mostInPath {
			return min(n, 2), errLongPath
		}
		if part == ".." || part == "" && i == 0 && len(parts) > 1 {
			return i, fmt.Errorf("the path %q leads out of the archive", readable(strings.Join(parts, "/")))
		}
		n = i + 1
	}
	return n, nil
}
