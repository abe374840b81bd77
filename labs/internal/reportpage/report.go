// Package reportpage writes one page about runs of the experiments, with pictures.
//
//	report.go      the page as a file, which contains its style and script, and loads nothing
//	page.go        the contents of the page, in order
//	parts.go       its parts, for other pages
//	experiment.go  an experiment: its comment, its source, and its tests
//	tests.go       a test on one kernel, with its subtests
//	result.go      results in words
//	legend.go      how to read a picture
//	runs.go        the machines and kernels of the runs
//	skips.go       skipped tests, and why
//	filters.go     choices among the experiments
//	claims.go      the table of claims
//	decisions.go   Lab 4's table, with a picture behind each cell
//	lateness.go    how late timers fired, as a plot
//	timers.go      the time machine's timers, as a plot
//	axis.go        the logarithmic axis of both
package reportpage

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/picture"
	"socketlabs/labs/internal/sentence"
)

//go:embed *.html
var templates embed.FS

//go:embed report.css
var style string

//go:embed report.js
var own string

var script = picture.Script + own

var whole = parse(func(id string) string { return "#" + id })

// parse reads the templates. For each link, they call ref with the id that it leads to.
func parse(ref func(id string) string) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"ref":      ref,
		"sentence": sentence.Begin,
		"measured": story.Duration,
		"number":   number,
		"count":    story.Count,
		"add":      func(a, b float64) float64 { return a + b },
		"shape":    shape,
	}).ParseFS(templates, "*.html"))
}

// Write writes the page about the experiments of the module at root.
func Write(w io.Writer, root string, runs []kept.Run) error {
	p, err := newPage(root, runs)
	if err != nil {
		return err
	}
	return whole.ExecuteTemplate(w, "page.html", p)
}

// file is the page as a file of its own.
type file struct {
	Style  template.CSS
	Script template.JS
	Policy string // lets the browser load nothing, and run only this script
}

func newFile() file {
	all := Style()
	return file{
		Style:  template.CSS(all),
		Script: template.JS(script),
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
			hash(all), hash(script)),
	}
}

// Style is the style sheet of the page and of its pictures.
func Style() string { return picture.CSS + style }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
