package term

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// screen is where the command prints. Styled text goes in, and comes out as the terminal can show it,
// or plain where there is none.
type screen struct {
	out    *colorprofile.Writer
	file   *os.File
	fresh  strings.Builder // printed, and to appear above the bottom when that is drawn next
	bottom []string        // lines that are written over; none most of the time
	aside  *aside          // nil if there is none
	broken func(error)     // called when nothing more can be written
}

func newScreen(broken func(error)) *screen {
	out := colorprofile.NewWriter(os.Stdout, os.Environ())
	if os.Getenv("NO_COLOR") != "" {
		out.Profile = min(out.Profile, colorprofile.ASCII)
	}
	s := &screen{out: out, file: os.Stdout, broken: broken}
	if !s.isLive() {
		s.aside = newAside(s.file, os.Stderr)
	}
	return s
}

func (s *screen) isTerminal() bool { return term.IsTerminal(s.file.Fd()) }

// isLive reports whether this is a terminal on which lines can be written over.
func (s *screen) isLive() bool {
	return s.out.Profile > colorprofile.NoTTY && s.isTerminal()
}

// size is that of the terminal, and of an ordinary one where there is none. Lines longer than the
// widest do not read well.
func (s *screen) size() (width, height int) {
	const ordinary, narrowest, widest = 80, 40, 140
	width, height, err := term.GetSize(s.file.Fd())
	if err != nil || width == 0 {
		return ordinary, 24
	}
	return min(max(width, narrowest), widest), height
}

func (s *screen) width() int {
	width, _ := s.size()
	return width
}

// Write prints what stays.
func (s *screen) Write(text []byte) (int, error) {
	if s.bottom != nil {
		return s.fresh.Write(text)
	}
	s.aside.makeRoom()
	n, err := s.out.Write(text)
	return n, s.wrote(err)
}

// wrote hands on that something could not be written. There is no other place to ask.
func (s *screen) wrote(err error) error {
	if err != nil {
		s.broken(err)
	}
	return err
}

// show shows what goes on: below all that stays, and below text that may still change. Where the output does not go to
// a terminal, nothing changes in it.
func (s *screen) show(text, status string) {
	switch {
	case !s.isLive():
		s.aside.show(status)
	case text == "":
		s.setBottom(faint.Render(status))
	default:
		s.setBottom(text + "\n" + faint.Render(status))
	}
}

// end takes away what is written over, and leaves the rest.
func (s *screen) end() {
	s.aside.end()
	if s.bottom != nil {
		s.setBottom("")
	}
}

// setBottom draws text below all that stays, in place of what was there; empty text ends that. It goes
// out in one piece, and nothing is erased before something else is written over it: so it does not flicker.
func (s *screen) setBottom(text string) {
	const echo = 2 // columns of "^C", which the terminal writes where the last line ends
	width, height := s.size()
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
