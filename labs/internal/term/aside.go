package term

import (
	"fmt"
	"os"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// aside is the terminal of the errors, if the output goes elsewhere. It shows the progress.
type aside struct {
	file    *os.File
	isPiped bool // the output goes to a pipe, so it may end on the terminal, too
	shown   bool
}

// newAside is nil unless errors go to a terminal that can overwrite lines.
func newAside(output, errors *os.File) *aside {
	if colorprofile.Detect(errors, os.Environ()) <= colorprofile.NoTTY || !term.IsTerminal(errors.Fd()) {
		return nil
	}
	is, err := output.Stat()
	return &aside{file: errors, isPiped: err != nil || !is.Mode().IsRegular()}
}

func (a *aside) show(status string) {
	if a == nil || a.file == nil {
		return
	}
	width, _, err := term.GetSize(a.file.Fd())
	if err != nil {
		return
	}
	fmt.Fprint(a.file, "\r", ansi.Truncate(status, width-1, "…"), ansi.EraseLineRight)
	a.shown = true
}

// makeRoom must be called before each write to the output.
func (a *aside) makeRoom() {
	a.end()
	if a != nil && a.isPiped {
		a.file = nil
	}
}

func (a *aside) end() {
	if a != nil && a.shown {
		fmt.Fprint(a.file, "\r", ansi.EraseLineRight)
		a.shown = false
	}
}
