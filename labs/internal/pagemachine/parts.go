package pagemachine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// parts is the folder in which "make machine" has put what the machine is made of.
type parts string

// cache is the folder of this package in the user's cache.
func cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("there is no folder for the machine of the page: set HOME")
	}
	return filepath.Join(dir, "socketlabs", "pagemachine"), nil
}

// Missing says what is not here that the machine is made of, and what would help; nothing if all is here.
func Missing() string {
	if _, _, err := find(); err != nil {
		return err.Error()
	}
	return ""
}

// find finds the parts, and the kernel among them.
func find() (dir parts, kernel string, err error) {
	cache, err := cache()
	if err != nil {
		return "", "", err
	}
	dir = parts(filepath.Join(cache, "parts"))
	kernels, _ := filepath.Glob(dir.file("vmlinuz-*"))
	if len(kernels) != 1 {
		return "", "", fmt.Errorf(`the machine of the page is not in %s: get its parts with "make machine"`, cache)
	}
	return dir, kernels[0], nil
}

func (p parts) file(name string) string { return filepath.Join(string(p), name) }
