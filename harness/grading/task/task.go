// Package task reads what an exercise asks for: a list of sentences. A grader checks each of them.
//
// A task is a comment in exercise.go, above the function or the type that the student writes. Its sentences are the
// items of a list. Each has a name that is unique in its exercise:
//
//	// SendAll sends all of data to a peer that may take its time.
//	//
//	//   - sends-all: All of data is sent, in order, and nothing of it twice.
//	//   - counts-all: SendAll returns the number of bytes that were sent,
//	//     also with an error.
//
// Sentences that apply to every exercise in the file are in the package comment.
package task

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

// Sentence is what a grader checks.
type Sentence struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Of returns the sentences of an exercise: its own, and the general ones, which apply to all exercises in source, the
// text of exercise.go. Parts that do not parse have none.
func Of(source, exercise string) (own, general []Sentence) {
	file, _ := parser.ParseFile(token.NewFileSet(), "exercise.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil, nil
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == exercise {
				own = sentences(d.Doc.Text())
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name.Name == exercise {
					own = sentences(d.Doc.Text() + "\n" + t.Doc.Text())
				}
			}
		}
	}
	return own, sentences(file.Doc.Text())
}

var item = regexp.MustCompile(`^\s+- ([a-z]+(?:-[a-z]+)*): (.*)$`)

// goesOn matches the later lines of an item.
var goesOn = regexp.MustCompile(`^\s+[^\s-]`)

// sentences returns the items of the lists in a comment.
func sentences(comment string) (all []Sentence) {
	var last *Sentence // the sentence that an indented line continues
	for line := range strings.Lines(comment) {
		line = strings.TrimRight(line, "\n")
		if part := item.FindStringSubmatch(line); part != nil {
			all = append(all, Sentence{ID: part[1], Text: part[2]})
			last = &all[len(all)-1]
		} else if last != nil && goesOn.MatchString(line) {
			last.Text += " " + strings.TrimSpace(line)
		} else {
			last = nil
		}
	}
	return all
}
