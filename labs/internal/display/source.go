package display

import (
	"fmt"
	"io"
	"strings"

	"socketlabs/labs/internal/highlight"
	"socketlabs/labs/internal/term"
)

// Source shows source text, and where it is. Without a terminal, it prints only the text, for programs.
func Source(s *term.Screen, where, text string) error {
	return s.Paged(func(w io.Writer) (err error) {
		if !s.IsLive() {
			_, err = io.WriteString(w, text)
			return err
		}
		width := s.Width()
		code := wrapCode(highlighted(wrapComments(text, width)), width)
		_, err = fmt.Fprintf(w, "%s\n\n%s", term.Faint.Render(where), code)
		return err
	})
}

var colors = map[highlight.Class]term.Style{
	highlight.Comment:  term.Faint,
	highlight.Keyword:  term.Bold,
	highlight.String:   term.Color(term.Green),
	highlight.Number:   term.Color(term.Violet),
	highlight.Function: term.Color(term.Blue),
}

func highlighted(source string) string {
	var b strings.Builder
	for _, token := range highlight.Go(source) {
		b.WriteString(colors[token.Class].Render(token.Text))
	}
	return b.String()
}

// wrapComments breaks comments that are wider than the width into several comment lines.
func wrapComments(source string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if text, isComment := strings.CutPrefix(line, "// "); isComment {
			line = "// " + strings.ReplaceAll(term.Wrap(strings.TrimSuffix(text, "\n"), width-3), "\n", "\n// ") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// wrapCode breaks lines of code that are wider than the width. The rest of a line is indented more.
func wrapCode(code string, width int) string {
	const tab, further = "    ", "        "
	var b strings.Builder
	for line := range strings.Lines(code) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", tab)
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		first, rest, wrapped := strings.Cut(term.Wrap(line, width), "\n")
		b.WriteString(first + "\n")
		if wrapped {
			b.WriteString(term.Hang(indent+further, strings.ReplaceAll(rest, "\n", " "), width) + "\n")
		}
	}
	return b.String()
}
