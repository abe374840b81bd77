package catalog

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// sums are the checksums of the graders and of the other files in their folders, one on a line. Points depend on these
// files. "make generate" writes the sums.
//
//go:embed exercises.sum
var sums string

// starters are the exercises before anybody has begun them: LAB.txt is the lab's exercise.go. "make generate" writes them.
//
//go:embed starters/*.txt
var starters embed.FS

// Starter is the project's own exercise.go of a lab.
func Starter(lab string) ([]byte, error) { return starters.ReadFile("starters/" + lab + ".txt") }

// studentsFile is the file that the student edits.
const studentsFile = "exercise.go"

// CheckGraders fails if the graders in the module at root are not the project's own any more.
func CheckGraders(root string) error {
	for line := range strings.Lines(sums) {
		sum, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
		now, err := sumOf(root, file)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is missing: take it from the project", file)
		}
		if err != nil {
			return err
		}
		if now != sum {
			return fmt.Errorf("%s is no longer the project's own: restore it", file)
		}
	}
	return nil
}

func sumOf(root, file string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	return fmt.Sprintf("%x", sha256.Sum256(text)), err
}

// Sums are the checksums of the files as they are now.
func Sums(root string) (string, error) {
	files, err := filesIn(root, "lab[0-9]*/exercise/*.go")
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, file := range files {
		if path.Base(file) == studentsFile {
			continue
		}
		sum, err := sumOf(root, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s  %s\n", sum, file)
	}
	return text.String(), nil
}

// Strangers are the files in a folder of exercises, and below it, that are not the project's: for example a student's own
// tests, or what a teacher keeps there. Grading leaves them out, because a student's code could embed them.
func Strangers(root, folder string) (names []string, err error) {
	below := os.DirFS(filepath.Join(root, filepath.FromSlash(folder)))
	err = fs.WalkDir(below, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && name != studentsFile && !isOwn(folder+"/"+name) {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// isOwn reports whether a file of the exercises is the project's.
func isOwn(file string) bool { return strings.Contains(sums, "  "+file+"\n") }

// GradersOf is a checksum of the graders of an exercise's lab.
func GradersOf(e Exercise) string {
	sum := sha256.New()
	for line := range strings.Lines(sums) {
		if strings.Contains(line, "  "+e.Folder()+"/") {
			fmt.Fprint(sum, line)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}
