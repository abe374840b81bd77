package pagemachine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// parts is the folder into which "make machine" has put the parts of the machine.
type parts string

// cache is the folder of this package in the user's cache.
func cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.New("there is no folder for the machine of the page: set HOME")
	}
	return filepath.Join(dir, "socketlabs", "pagemachine"), nil
}

// Missing says which part of the machine is missing, and how to get it. It is empty if none is missing.
func Missing() string {
	if _, _, err := find(); err != nil {
		return err.Error()
	}
	return ""
}

// find finds the folder of the parts, and the kernel in it.
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
