package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/formatters"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/spf13/cobra"
)

func newShowCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:               "show EXPERIMENT",
		Short:             "Show the source of an experiment, and what it says about itself",
		Args:              exactly(1, "one experiment"),
		ValidArgsFunction: l.complete,
		RunE: l.loaded(func(_ context.Context, args []string) error {
			e, err := l.findOne(args)
			if err != nil {
				return err
			}
			source, err := e.Source(l.root)
			if err != nil {
				return err
			}
			if !l.screen.isLive() {
				fmt.Fprint(l.screen, source)
				return nil
			}
			width := l.screen.width()
			coloured, err := highlight(wrapComments(source, width))
			if err != nil {
				return err
			}
			where := faint.Render(fmt.Sprintf("%s:%d", e.File, e.Line))
			return l.screen.page(where + "\n\n" + wrapCode(coloured, width))
		}),
	}
}

// codeColours are few, and among those that are read on black and on white.
var codeColours = chroma.MustNewStyle("labs", chroma.StyleEntries{
	chroma.Comment:           "#767676",
	chroma.Keyword:           "bold",
	chroma.KeywordConstant:   "#af5faf",
	chroma.LiteralString:     "#008700",
	chroma.LiteralNumber:     "#af5faf",
	chroma.NameFunction:      "#0087d7",
	chroma.NameBuiltin:       "#008787",
	chroma.GenericEmph:       "italic",
	chroma.Error:             "",
	chroma.LiteralStringChar: "#008700",
})

func highlight(source string) (string, error) {
	tokens, err := lexers.Get("go").Tokenise(nil, source)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = formatters.TTY256.Format(&b, codeColours, tokens)
	return b.String(), err
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
