package gotest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// Ready says in one line what the go command lacks to compile anything.
func Ready() error {
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("there is no go on the PATH: install Go, https://go.dev/doc/install")
	}
	if _, err := os.UserHomeDir(); err == nil {
		return nil
	}
	_, err := os.UserCacheDir()
	hasCache := err == nil || os.Getenv("GOCACHE") != ""
	hasModules := os.Getenv("GOPATH") != "" || os.Getenv("GOMODCACHE") != ""
	if !hasCache || !hasModules {
		return errors.New("go has no folder for what it downloads and compiles: set HOME, or GOPATH and GOCACHE, to folders")
	}
	return nil
}

// NotCompiled says in one line why the go command has failed, from what it has printed.
func NotCompiled(err error, printed []byte) error {
	for line := range bytes.Lines(printed) {
		if why := Complaint(string(line)); why != "" {
			return fmt.Errorf("go can't compile: %s", why)
		}
	}
	return fmt.Errorf("go can't compile: %w", err)
}

// unimportant are lines of the go command that don't say what is wrong.
var unimportant = regexp.MustCompile(`^#|^\s*$|^go: downloading `)

// Complaint is a line of the go command that says what is wrong, or nothing.
func Complaint(line string) string {
	if unimportant.MatchString(line) {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "go: "), "./")
}
