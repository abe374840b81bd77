package main

import (
	"context"
	"errors"
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/sentence"
)

// labPage is the name of a lab's page: lab01.md.
func labPage(lab string) string {
	short, _, _ := strings.Cut(lab, "_")
	return short + ".md"
}

// isLabPage reports whether a page is the page of a lab. These pages are generated as a whole.
func isLabPage(name string) bool {
	return regexp.MustCompile(`^lab\d+\.md$`).MatchString(path.Base(name))
}

// labPages are the page of a lab, and the pages of its files.
func (p *project) labPages(ctx context.Context, lab catalog.Lab) ([]file, error) {
	about, err := p.about(lab.Name)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\nGenerated from the lab's source. Back to the [README](../../README.md).\n\n%s\n",
		lab.Name, sentence.Begin(lab.Question), about)
	b.WriteString("## The experiments\n\nEach name leads to the experiment's question, its source and the story of a run.\n")
	var files []file
	var errs []error
	for _, group := range p.inFiles(lab.Name) {
		fmt.Fprintf(&b, "\n### %s\n\n| experiment | what it shows | the chapter's claims | time |\n|---|---|---|---|\n", path.Base(group[0].File))
		for _, e := range group {
			fmt.Fprintf(&b, "| [%s](%s) | %s | %s | %s |\n", e.Words(), e.Page(), cell(e.Title),
				strings.TrimSpace(strings.Join(e.Claims(), ", ")+" "+e.Verdict.Phrase()), e.KernelTime())
		}
		page, err := p.experimentsPage(ctx, group)
		files, errs = append(files, page), append(errs, err)
	}
	return append(files, file{docs + "/" + labPage(lab.Name), b.String()}), errors.Join(errs...)
}

// about is what the lab's doc.go says after its question, as Markdown.
func (p *project) about(lab string) (string, error) {
	source, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.root, lab, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return "", err
	}
	_, text, _ := strings.Cut(source.Doc.Text(), "\n\n")
	return string(new(comment.Printer).Markdown(new(comment.Parser).Parse(text))), nil
}

// inFiles are the experiments of a lab, in a group for each file.
func (p *project) inFiles(lab string) (groups [][]catalog.Experiment) {
	for _, e := range p.experiments {
		if e.Lab != lab {
			continue
		}
		if n := len(groups); n > 0 && groups[n-1][0].File == e.File {
			groups[n-1] = append(groups[n-1], e)
		} else {
			groups = append(groups, []catalog.Experiment{e})
		}
	}
	return groups
}

// cell is text for a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
