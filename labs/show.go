package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/highlight"
)

func newShowCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "show EXPERIMENT",
		Short:             "Show the source of an experiment, and what it uses of its lab",
		Args:              takes(1, 1, "one experiment"),
		ValidArgsFunction: offering(1, l.offerExperiments),
		RunE: l.loaded(func(_ context.Context, args []string) error {
			e, err := l.findOne(args)
			if err != nil {
				return err
			}
			source, err := e.SourceWithUsed(l.root)
			if err != nil {
				return err
			}
			return l.source(fmt.Sprintf("%s:%d", e.File, e.Line), source)
		}),
	}
}

// source shows source that is somewhere.
func (l *labs) source(where, text string) error {
	if !l.screen.isLive() {
		_, err := fmt.Fprint(l.screen, text)
		return err
	}
	width := l.screen.width()
	code := wrapCode(highlighted(wrapComments(text, width)), width)
	return l.screen.page(faint.Render(where) + "\n\n" + code)
}

var codeColours = map[highlight.Class]style{
	highlight.Comment:  faint,
	highlight.Keyword:  bold,
	highlight.String:   colour(green),
	highlight.Number:   colour(violet),
	highlight.Function: colour(blue),
}

func highlighted(source string) string {
	var b strings.Builder
	for _, token := range highlight.Go(source) {
		b.WriteString(codeColours[token.Class].Render(token.Text))
	}
	return b.String()
}

// wrapComments fits comments into the width, as comments.
func wrapComments(source string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if text, isComment := strings.CutPrefix(line, "// "); isComment {
			line = "// " + strings.ReplaceAll(wrap(strings.TrimSuffix(text, "\n"), width-3), "\n", "\n// ") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// wrapCode fits lines of code into the width. What does not fit goes on below, further to the right.
func wrapCode(code string, width int) string {
	const tab, further = "    ", "        "
	var b strings.Builder
	for line := range strings.Lines(code) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", tab)
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		first, rest, wrapped := strings.Cut(wrap(line, width), "\n")
		b.WriteString(first + "\n")
		if wrapped {
			b.WriteString(hang(indent+further, strings.ReplaceAll(rest, "\n", " "), width) + "\n")
		}
	}
	return b.String()
}
