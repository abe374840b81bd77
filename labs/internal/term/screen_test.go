package term

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/stretchr/testify/assert"
)

func onScreen(profile colorprofile.Profile) (*Screen, *strings.Builder) {
	written := new(strings.Builder)
	return &Screen{out: &colorprofile.Writer{Forward: written, Profile: profile}, file: os.Stdin}, written
}

// Every line is overwritten before the rest of the old line is erased.
func TestBottomIsWrittenOverInOnePiece(t *testing.T) {
	const rest, up = "\x1b[K", "\x1b[A"
	s, written := onScreen(colorprofile.ANSI256)
	for _, draw := range []struct {
		prints, bottom, want string
	}{
		{"", "one", "\rone" + rest},
		{"", "two\nlines", "\rtwo" + rest + "\nlines" + rest},
		{"done\n", "three", "\r" + up + "done" + rest + "\nthree" + rest},
		{"", "four\nmore", "\rfour" + rest + "\nmore" + rest},
		{"", "five", "\r" + up + "five" + rest + "\n" + rest + up},
		{"the\nend\n", "", "\rthe" + rest + "\nend" + rest + "\n" + rest},
	} {
		fmt.Fprint(s, draw.prints)
		assert.Empty(t, written.String(), "it should appear with the bottom")
		s.setBottom(draw.bottom)
		assert.Equal(t, draw.want, written.String())
		written.Reset()
	}
	fmt.Fprint(s, "after\n")
	assert.Equal(t, "after\n", written.String())
}

func TestBottomLeavesRoomForTheEchoOfInterrupt(t *testing.T) {
	s, written := onScreen(colorprofile.ASCII)
	s.setBottom(strings.Repeat("x", 100))
	width := s.Width()
	assert.Contains(t, written.String(), "\r"+strings.Repeat("x", width-4)+"…\x1b[K")
}

func TestPlainScreenHasNoEscapeCodes(t *testing.T) {
	s, written := onScreen(colorprofile.NoTTY)
	fmt.Fprint(s, Bold.Render("bold"), Passed, Faint.Render("faint"))
	assert.Equal(t, "bold✓faint", written.String())
}
