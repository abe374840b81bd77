package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// marks enclose a generated part of a page. The name is in the first mark and in the last.
var marks = regexp.MustCompile(`(?s)<!-- ([^\n]+): make [a-z]+ -->\n(.*?)<!-- end of ([^\n]+) -->`)

// part is an empty part, for a page that is generated as a whole.
func part(name string) string {
	return fmt.Sprintf("<!-- %s: make generate -->\n<!-- end of %[1]s -->\n", name)
}

// filled is the page with all its parts up to date. It takes what was not run now from the old page.
func (p *project) filled(ctx context.Context, page, old string) (string, error) {
	before := make(map[string]string)
	for _, found := range marks.FindAllStringSubmatch(old, -1) {
		before[found[1]] = found[2]
	}
	var errs []error
	page = marks.ReplaceAllStringFunc(page, func(whole string) string {
		found := marks.FindStringSubmatch(whole)
		name := found[1]
		if found[3] != name {
			errs = append(errs, fmt.Errorf("the part %q ends as %q", name, found[3]))
			return whole
		}
		text, err := p.part(ctx, name, before[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("the part %q: %w", name, err))
			return whole
		}
		begin, _, _ := strings.Cut(whole, "\n")
		return begin + "\n" + text + fmt.Sprintf("<!-- end of %s -->", name)
	})
	return page, errors.Join(errs...)
}
