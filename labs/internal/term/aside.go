package term

import (
	"fmt"
	"os"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// aside is the terminal that gets errors, when the output goes elsewhere. It shows what goes on meanwhile.
type aside struct {
	file    *os.File
	isPiped bool // the output: the terminal may get it in the end
	shown   bool
}

// newAside is nil if errors go to no terminal on which a line can be written over.
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

// makeRoom is called before something is written to the output.
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
