package timemachine

import (
	"errors"
	"os"
)

// WriteInitramfs writes a guest's file system. Each file is a path in the guest, and the path on this machine.
func WriteInitramfs(name string, files [][2]string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	a := newArchive(file)
	var errs []error
	for _, f := range files {
		errs = append(errs, a.addFile(f[0], f[1]))
	}
	return errors.Join(append(errs, a.close(), file.Close())...)
}
