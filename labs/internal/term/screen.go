// Package term is the terminal: what the command prints there, how it looks, and how it fits.
package term

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Screen is where the command prints. Styled text goes in, and comes out as the terminal can show it,
// or plain where there is none.
type Screen struct {
	out    *colorprofile.Writer
	file   *os.File
	fresh  strings.Builder // printed, and to appear above the bottom when that is drawn next
	bottom []string        // lines that are written over; none most of the time
	aside  *aside          // nil if there is none
	broken func(error)     // called when nothing more can be written
}

// NewScreen prints on out. When nothing more can be written there, it calls broken. If errors go to a terminal and the
// output does not, that terminal shows what goes on.
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

// IsLive reports whether this is a terminal on which lines can be written over.
func (s *Screen) IsLive() bool {
	return s.out.Profile > colorprofile.NoTTY && s.IsTerminal()
}

// Size is that of the terminal, and of an ordinary one where there is none. Lines longer than the
// widest do not read well.
func (s *Screen) Size() (width, height int) {
	const ordinary, narrowest, widest = 80, 40, 140
	const ordinaryHeight = 24
	width, height, err := term.GetSize(s.file.Fd())
	if err != nil || width == 0 {
		width = ordinary
	}
	if err != nil || height == 0 { // one that has not been told its size
		height = ordinaryHeight
	}
	return min(max(width, narrowest), widest), height
}

// Width is how wide lines may be.
func (s *Screen) Width() int {
	width, _ := s.Size()
	return width
}

// Write prints what stays.
func (s *Screen) Write(text []byte) (int, error) {
	if s.bottom != nil {
		return s.fresh.Write(text)
	}
	s.aside.makeRoom()
	n, err := s.out.Write(text)
	return n, s.wrote(err)
}

// wrote hands on that something could not be written. There is no other place to ask.
func (s *Screen) wrote(err error) error {
	if err != nil {
		s.broken(err)
	}
	return err
}

// Show shows what goes on: below all that stays, and below text that may still change. Where the output does not go to
// a terminal, nothing changes in it.
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

// End takes away what is written over, and leaves the rest.
func (s *Screen) End() {
	s.aside.end()
	if s.bottom != nil {
		s.setBottom("")
	}
}

// setBottom draws text below all that stays, in place of what was there; empty text ends that. It goes
// out in one piece, and nothing is erased before something else is written over it: so it does not flicker.
func (s *Screen) setBottom(text string) {
	const echo = 2 // columns of "^C", which the terminal writes where the last line ends
	width, height := s.Size()
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
		rows = append(rows, ansi.Truncate(line, width-1-echo, "…"))
	}
	if len(lines) == 0 {
		rows = append(rows, "") // where the next word will be
	}
	surplus := max(0, len(s.bottom)-len(rows)) // of what was there
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
