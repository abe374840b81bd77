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

// Ready fails if the go command can't compile anything. Its error says in one line what is missing.
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

// NotCompiled is an error of one line that says why the go command has failed, from what it printed.
func NotCompiled(err error, printed []byte) error {
	for line := range bytes.Lines(printed) {
		if why := Complaint(string(line)); why != "" {
			return fmt.Errorf("go can't compile: %s", why)
		}
	}
	return fmt.Errorf("go can't compile: %w", err)
}

// unimportant matches the lines of the go command that don't say what is wrong.
var unimportant = regexp.MustCompile(`^#|^\s*$|^go: downloading `)

// Complaint is the line if it says what is wrong, and otherwise empty.
func Complaint(line string) string {
	if unimportant.MatchString(line) {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "go: "), "./")
}
