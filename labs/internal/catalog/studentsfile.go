package catalog

import (
	"fmt"
	"io"
	"os"
)

// MostSource is how many bytes a student's file may have. A hundredth of it is enough for our own solutions.
const MostSource = 1 << 20

// ReadStudentsFile reads a file that a student edits. It does not read a special file, such as a pipe, which may never end, or a
// file that is too large.
func ReadStudentsFile(path string) ([]byte, error) {
	is, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !is.Mode().IsRegular() && !is.IsDir() { // reading a folder fails, and says so
		return nil, fmt.Errorf("%s is a special file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MostSource+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MostSource {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, MostSource>>20)
	}
	return text, nil
}
