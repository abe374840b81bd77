package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/sentence"
)

// experimentsPage is the page of a file of experiments.
func (p *project) experimentsPage(ctx context.Context, experiments []catalog.Experiment) (file, error) {
	first := experiments[0]
	name, _, _ := strings.Cut(docs+"/"+first.Page(), "#")
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", path.Base(first.File))
	fmt.Fprintf(&b, "Generated from the [source](../../../%s). Back to [%s](../%s).\n", first.File, first.Lab, labPage(first.Lab))
	var errs []error
	for _, e := range experiments {
		section, err := p.section(e)
		b.WriteString("\n" + section)
		errs = append(errs, err)
	}
	text, err := p.filled(ctx, b.String(), p.old(name))
	return file{name, text}, errors.Join(append(errs, err)...)
}

// section shows one experiment. The question comes first, for readers who want to think before they read on.
func (p *project) section(e catalog.Experiment) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", e.Test)
	if e.Question != "" {
		fmt.Fprintf(&b, "**Question:** %s\n\n", e.Question)
		for _, answer := range e.Answers {
			fmt.Fprintf(&b, "- %s\n", answer)
		}
		fmt.Fprintf(&b, "\n<details><summary>The answer</summary>\n\n%s\n\n</details>\n\n", e.Right)
	}
	fmt.Fprintf(&b, "%s\n\n", sentence.Whole(e.Title))
	if len(e.Findings) == 0 {
		fmt.Fprintf(&b, "- %s\n", sentence.Whole(e.Verdict.Phrase()))
	}
	for _, f := range e.Findings {
		for _, id := range f.Claims {
			fmt.Fprintf(&b, "- [%s](../claims.md) %s **%s**\n", id, p.claim(id), sentence.Whole(f.Remark()))
		}
	}
	if e.Origin != "" {
		fmt.Fprintf(&b, "- Source: %s\n", e.Origin)
	}
	if len(e.Needs) > 0 {
		fmt.Fprintf(&b, "- Needs %s.\n", strings.Join(e.Needs, ", "))
	}
	if takes := e.KernelTime(); takes != "" {
		fmt.Fprintf(&b, "- Takes %s.\n", takes)
	}
	code, err := p.code(e)
	fmt.Fprintf(&b, "\n%s\n", code)
	if e.Long {
		b.WriteString("How long it takes on several kernels: [the time machine](../timemachine.md).\n")
	} else {
		b.WriteString(part(storyOf + e.Name()))
	}
	return b.String(), err
}

// claim is what the chapter says.
func (p *project) claim(id string) string {
	for _, c := range p.claims {
		if c.ID == id {
			return c.Claim
		}
	}
	return "" // can't happen: catalog.Claims refuses unknown claims
}
