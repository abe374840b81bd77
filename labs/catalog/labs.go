package catalog

import (
	"fmt"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// Lab is a folder of experiments.
type Lab struct {
	Name     string
	Question string // what its doc.go says that it asks
}

// Labs lists the labs of these experiments, in their order.
func Labs(root string, experiments []Experiment) ([]Lab, error) {
	var labs []Lab
	for _, e := range experiments {
		if len(labs) > 0 && labs[len(labs)-1].Name == e.Lab {
			continue
		}
		question, err := questionOf(root, e.Lab)
		if err != nil {
			return nil, err
		}
		labs = append(labs, Lab{Name: e.Lab, Question: question})
	}
	return labs, nil
}

func questionOf(root, lab string) (string, error) {
	path := filepath.Join(root, lab, "doc.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(file.Doc.Text(), "\n\n")
	question, found := strings.CutPrefix(oneLine(first), "Package "+lab+" asks: ")
	if !found {
		return "", fmt.Errorf("%s/doc.go: its comment should begin with %q", lab, "Package "+lab+" asks: ")
	}
	return question, nil
}
