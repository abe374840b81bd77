package site

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// CanReplace fails if a folder holds something else than a site.
func CanReplace(dir string) error {
	file, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Readdirnames(1); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%s is not a folder for a site: %w", dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, Mark)); err != nil {
		return fmt.Errorf("%s holds something else than a site: name a new folder", dir)
	}
	return nil
}
