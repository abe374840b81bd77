package term

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// Keys are the keys that are pressed at a terminal, each at once, until restore is called. The channel is nil if the file is
// not a terminal, or this system can't do it. ^C still interrupts.
func Keys(file *os.File) (keys <-chan byte, restore func()) {
	before, err := term.GetState(file.Fd())
	if err != nil {
		return nil, func() {}
	}
	each := *before
	withoutLines(&each)
	if term.SetState(file.Fd(), &each) != nil {
		return nil, func() {}
	}
	forget := atSignals(file, func() { term.SetState(file.Fd(), before) }, func() { term.SetState(file.Fd(), &each) })
	pressed := make(chan byte)
	go func() {
		defer close(pressed)
		key := make([]byte, 1)
		for {
			if _, err := file.Read(key); err != nil {
				return
			}
			pressed <- key[0]
		}
	}()
	return pressed, func() {
		forget()
		term.SetState(file.Fd(), before)
	}
}
