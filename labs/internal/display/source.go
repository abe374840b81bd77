package display

import (
	"fmt"
	"io"
	"regexp"
	"slices"
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
		_, err = fmt.Fprintf(w, "%s\n\n%s", term.Faint.Render(term.Hang("", where, width)), code)
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

// commentHead is what is before the text of a comment's line: its marks, and the sign of an item in a list.
var commentHead = regexp.MustCompile(`^\t*// +(- )?`)

// key is the first word of a line such as "Claim: T3", which begins a paragraph.
var key = regexp.MustCompile(`^[A-Z]\w*:$`)

// wrapComments breaks paragraphs of comments at other places if they have a line that is wider than the width.
func wrapComments(source string, width int) string {
	const full = 100 // columns: a line that is shorter, even with the next word, ends its paragraph
	var b strings.Builder
	var lines []string // of a paragraph, whose first line begins with head
	head, text := "", ""
	end := func() {
		isWider := func(line string) bool { return len([]rune(strings.ReplaceAll(line, "\t", tab))) > width }
		if slices.ContainsFunc(lines, isWider) {
			wrapped := term.Wrap(text, max(1, width-len(strings.ReplaceAll(head, "\t", tab))))
			lines = []string{head + strings.ReplaceAll(wrapped, "\n", "\n"+hanging(head))}
		}
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
		lines = nil
	}
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		begin := commentHead.FindString(line)
		rest := line[len(begin):]
		word, _, _ := strings.Cut(rest, " ")
		switch {
		case begin == "":
			end()
			b.WriteString(line + "\n")
			continue
		case lines != nil && begin == hanging(head) && len(lines[len(lines)-1]+" "+word) > full && !key.MatchString(word):
			text += " " + rest
		default:
			end()
			head, text = begin, rest
		}
		lines = append(lines, line)
	}
	end()
	return b.String()
}

// hanging is what is before the second line of a paragraph that begins with head.
func hanging(head string) string { return strings.ReplaceAll(head, "- ", "  ") }

const tab = "    "

// wrapCode breaks lines of code that are wider than the width. The rest of a line is indented more.
func wrapCode(code string, width int) string {
	const further = "        "
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
