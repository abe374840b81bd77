package reportpage

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"socketlabs/labs/internal/kept"
)

// Parts are parts of the page, for other pages. Their links lead elsewhere than those of the report.
type Parts struct {
	page      *page
	templates *template.Template
}

// NewParts makes parts about the experiments of the module at root. The function ref returns the address for an id that a part
// links to.
func NewParts(root string, runs []kept.Run, ref func(id string) string) (*Parts, error) {
	p, err := newPage(root, runs)
	if err != nil {
		return nil, err
	}
	return &Parts{p, parse(ref)}, nil
}

// LinkedBy returns the same parts with other links.
func (p *Parts) LinkedBy(ref func(id string) string) *Parts { return &Parts{p.page, parse(ref)} }

// Experiment is the part about one experiment. Its name is lab/test.
func (p *Parts) Experiment(name string) (template.HTML, error) {
	for _, l := range p.page.Labs {
		if i := slices.IndexFunc(l.Experiments, func(e experiment) bool { return e.Name() == name }); i >= 0 {
			return p.part("experiment.html", l.Experiments[i])
		}
	}
	return "", fmt.Errorf("there is no experiment %s", name)
}

// Claims is the table of the chapter's claims.
func (p *Parts) Claims() (template.HTML, error) { return p.part("claims.html", p.page.Claims) }

// Decisions is Lab 4's table.
func (p *Parts) Decisions() (template.HTML, error) {
	return p.part("decisions.html", p.page.Decisions)
}

// Legend says how to read a picture.
func (p *Parts) Legend() (template.HTML, error) { return p.part("legend.html", p.page.Legend) }

func (p *Parts) part(name string, data any) (template.HTML, error) {
	var b strings.Builder
	err := p.templates.ExecuteTemplate(&b, name, data)
	return template.HTML(b.String()), err
}
