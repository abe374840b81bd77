// Package term prints to the terminal: it styles text, wraps it to the width, and overwrites lines that change.
package term

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Screen is where the command prints. It takes styled text, and prints it as the terminal can show it. Without
// a terminal, it prints plain text.
type Screen struct {
	out    *colorprofile.Writer
	file   *os.File
	fresh  strings.Builder // printed since the bottom was drawn; it appears above the bottom with the next drawing
	bottom []string        // lines that will be overwritten; usually none
	aside  *aside          // nil if there is none
	broken func(error)     // called when a write fails
}

// NewScreen is a screen that prints to out. It calls broken when a write fails. If errors go to a terminal and the output does
// not, that terminal shows the progress.
func NewScreen(out, errors *os.File, broken func(error)) *Screen {
	writer := colorprofile.NewWriter(out, os.Environ())
	if os.Getenv("NO_COLOR") != "" {
		writer.Profile = min(writer.Profile, colorprofile.ASCII)
	}
	s := &Screen{out: writer, file: out, broken: broken}
	if !s.IsLive() {
		s.aside = newAside(out, errors)
	}
	return s
}

// IsTerminal reports whether the output goes to a terminal.
func (s *Screen) IsTerminal() bool { return term.IsTerminal(s.file.Fd()) }

// IsLive reports whether this is a terminal that can overwrite lines.
func (s *Screen) IsLive() bool {
	return s.out.Profile > colorprofile.NoTTY && s.IsTerminal()
}

// Size is the size of the terminal, or without one, of an ordinary terminal. The width has a maximum, because
// longer lines are hard to read. It has a minimum, because some pictures need it: a narrower terminal wraps lines.
func (s *Screen) Size() (width, height int) {
	const narrowest = 40
	width, height = s.trueSize()
	return max(width, narrowest), height
}

// trueSize is the size without the minimum.
func (s *Screen) trueSize() (width, height int) {
	const ordinary, widest = 80, 140
	const ordinaryHeight = 24
	width, height, err := term.GetSize(s.file.Fd())
	if err != nil || width == 0 {
		width = ordinary
	}
	if err != nil || height == 0 { // a terminal that does not know its size
		height = ordinaryHeight
	}
	return min(width, widest), height
}

// Width is the maximum width of a line.
func (s *Screen) Width() int {
	width, _ := s.Size()
	return width
}

// BottomWidth is the maximum width of a line that Show shows. If the terminal wrapped one, the next drawing would not overwrite
// all of it.
func (s *Screen) BottomWidth() int {
	const echo = 2 // columns of "^C", which the terminal echoes at the end of the last line
	width, _ := s.trueSize()
	return max(1, width-1-echo)
}

// Write prints text that stays.
func (s *Screen) Write(text []byte) (int, error) {
	if s.bottom != nil {
		return s.fresh.Write(text)
	}
	s.aside.makeRoom()
	n, err := s.out.Write(text)
	return n, s.wrote(err)
}

// wrote reports the error of a write. Every write goes through it, so that callers need not check.
func (s *Screen) wrote(err error) error {
	if err != nil {
		s.broken(err)
	}
	return err
}

// Show shows text that may still change, and below it the status, at the bottom of the screen. If the output does not go to a
// terminal, it prints nothing there.
func (s *Screen) Show(text, status string) {
	switch {
	case !s.IsLive():
		s.aside.show(status)
	case text == "":
		s.setBottom(Faint.Render(status))
	default:
		s.setBottom(text + "\n" + Faint.Render(status))
	}
}

// End removes the lines that would be overwritten, and keeps everything else.
func (s *Screen) End() {
	s.aside.end()
	if s.bottom != nil {
		s.setBottom("")
	}
}

// setBottom replaces the bottom of the screen by text. Empty text removes it. It writes everything at once, and
// overwrites lines without erasing them first, so that the screen does not flicker.
func (s *Screen) setBottom(text string) {
	_, height := s.Size()
	var lines []string
	if text != "" {
		lines = strings.Split(text, "\n")
		lines = lines[:min(len(lines), height-1)]
	}
	var rows []string
	for line := range strings.Lines(s.fresh.String()) {
		rows = append(rows, strings.TrimSuffix(line, "\n"))
	}
	for _, line := range lines {
		rows = append(rows, ansi.Truncate(line, s.BottomWidth(), "…"))
	}
	if len(lines) == 0 {
		rows = append(rows, "") // place for the next word
	}
	surplus := max(0, len(s.bottom)-len(rows)) // old lines that have no new line
	rows = append(rows, make([]string, surplus)...)

	piece := "\r" + up(len(s.bottom)-1) + strings.Join(rows, ansi.EraseLineRight+"\n") + ansi.EraseLineRight + up(surplus)
	s.fresh.Reset()
	s.bottom = lines
	_, err := io.WriteString(s.out, piece)
	s.wrote(err)
}

func up(lines int) string {
	if lines <= 0 {
		return ""
	}
	return ansi.CursorUp(lines)
}
