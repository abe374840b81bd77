package site

import (
	"bytes"
	"embed"
	"html/template"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/find"
	"socketlabs/labs/internal/reportpage"
	"socketlabs/labs/internal/sentence"
)

//go:embed pages/*.html
var templates embed.FS

// Policy lets a page load files of the site, and compile WebAssembly, and nothing else.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'none'"

// shell is what all pages share.
type shell struct {
	Title  string
	Policy string
	Up     string // the path to the site's folder: "../" or empty
	Labs   []catalog.Lab
	Main   template.HTML
}

// experimentPage is the page of an experiment.
type experimentPage struct {
	catalog.Experiment
	About template.HTML
	weight
	Next string // the lab's next experiment that asks something; empty after the last
	Up   string
}

// Heading is the experiment's name in words, with a capital letter.
func (e experimentPage) Heading() string { return sentence.Begin(e.Words()) }

// labPage is the page of a lab.
type labPage struct {
	catalog.Lab
	Experiments []catalog.Experiment
	First       string // the first experiment that asks something
}

// pages writes all pages.
func (w *writer) pages(c Content) error {
	top, err := reportpage.NewParts(c.Root, c.Runs, func(id string) string { return address(id) })
	if err != nil {
		return err
	}
	p := &pages{
		writer: w, content: c, labs: catalog.Labs(c.Root, c.Experiments),
		top: top, below: top.LinkedBy(func(id string) string { return "../" + address(id) }),
		templates: template.Must(template.New("").Funcs(template.FuncMap{
			"sentence": sentence.Begin, "address": address, "short": short,
		}).ParseFS(templates, "pages/*.html")),
	}
	if c.Machine != nil {
		if err := p.weigh(); err != nil {
			return err
		}
	}
	p.put = w.write
	return p.all()
}

// all makes all pages.
func (p *pages) all() error {
	if err := p.single(); err != nil {
		return err
	}
	for _, l := range p.labs {
		if err := p.lab(l); err != nil {
			return err
		}
	}
	return nil
}

// pages makes all pages from its fields.
type pages struct {
	*writer
	weight
	content    Content
	labs       []catalog.Lab
	top, below *reportpage.Parts
	templates  *template.Template
	put        func(name string, text []byte) error // writes a page
}

// single writes the pages that exist once.
func (p *pages) single() error {
	claims, err := p.top.Claims()
	if err != nil {
		return err
	}
	decisions, err := p.top.Decisions()
	if err != nil {
		return err
	}
	legend, err := p.top.Legend()
	if err != nil {
		return err
	}
	exercises, err := catalog.Exercises(p.content.Root)
	if err != nil {
		return err
	}
	experiments := make(map[string]catalog.Experiment)
	for _, e := range p.content.Experiments {
		experiments[e.Test] = e
	}
	for name, of := range map[string]struct {
		title string
		data  any
	}{
		"index.html": {"Socket Labs", struct {
			weight
			Labs   []catalog.Lab
			Number int
			Legend template.HTML
		}{p.weight, p.labs, len(p.content.Experiments), legend}},
		"claims.html": {"The chapter’s claims", claims},
		"decisions.html": {"Which defense sees which failure", struct {
			weight
			Fields []field
			Table  template.HTML
		}{p.weight, fields, decisions}},
		"symptoms.html": {"Symptoms", struct {
			Symptoms    []find.Symptom
			Experiments map[string]catalog.Experiment
		}{find.Symptoms(), experiments}},
		"exercises.html": {"Exercises", exercises},
	} {
		if err := p.page(name, of.title, "", name, of.data); err != nil {
			return err
		}
	}
	return nil
}

// lab writes the page of a lab, and the pages of its experiments.
func (p *pages) lab(l catalog.Lab) error {
	of := labPage{Lab: l}
	var asking []string
	for _, e := range p.content.Experiments {
		if e.Lab != l.Name {
			continue
		}
		of.Experiments = append(of.Experiments, e)
		if e.Question != "" {
			asking = append(asking, e.Test)
		}
	}
	if len(asking) > 0 {
		of.First = asking[0]
	}
	for _, e := range of.Experiments {
		about, err := p.below.Experiment(e.Name())
		if err != nil {
			return err
		}
		one := experimentPage{Experiment: e, About: about, weight: p.weight, Up: "../"}
		if i := slices.Index(asking, e.Test); i >= 0 && i+1 < len(asking) {
			one.Next = asking[i+1]
		}
		if err := p.page(address(e.Name()), one.Heading(), "../", "experiment.html", one); err != nil {
			return err
		}
	}
	return p.page(l.Name+"/index.html", l.Name, "../", "lab.html", of)
}

// page writes a page: the output of the template for the data, in the shell.
func (p *pages) page(name, title, up, of string, data any) error {
	var main, all bytes.Buffer
	if err := p.templates.ExecuteTemplate(&main, of, data); err != nil {
		return err
	}
	s := shell{Title: title, Policy: Policy, Up: up, Labs: p.labs, Main: template.HTML(main.String())}
	if err := p.templates.ExecuteTemplate(&all, "shell.html", s); err != nil {
		return err
	}
	return p.put(name, all.Bytes())
}

// address is the site's address for an id of the report: of an experiment, a part of one, a claim, a lab, or a section.
func address(id string) string {
	parts := strings.Split(id, "/")
	switch {
	case len(parts) >= 2 && strings.HasPrefix(parts[0], "lab"):
		page := parts[0] + "/" + parts[1] + ".html"
		if len(parts) > 2 {
			page += "#" + id
		}
		return page
	case len(parts) > 2: // a test on another kernel
		return parts[1] + "/" + parts[2] + ".html#" + id
	case strings.HasPrefix(id, "lab"):
		return id + "/index.html"
	case id == "claims", id == "decisions":
		return id + ".html"
	case id == "experiments":
		return "index.html"
	default:
		return "claims.html#" + id
	}
}

// field is a field of the form with settings.
type field struct {
	Name, Label string
	Slider      bool // it is a time
}

var fields = []field{
	{"idle", "keepalive idle", true},
	{"interval", "interval", true},
	{"count", "probe count", false},
	{"user-timeout", "user timeout", true},
	{"dial-timeout", "dial timeout", true},
	{"write-timeout", "write timeout", true},
	{"read-timeout", "read timeout", true},
	{"answer-timeout", "answer timeout", true},
	{"every", "heartbeat every", true},
	{"silence", "silence at most", true},
}

// short is a short name of a lab, for a narrow bar: "Lab 1".
func short(lab string) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(lab, "lab"), "_")
	return "Lab " + strings.TrimLeft(number, "0")
}
