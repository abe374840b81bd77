package catalog

import (
	"go/token"
	"strings"
)

// Lab is a folder of experiments.
type Lab struct {
	Name     string
	Question string // the question in its doc.go; empty if it has no doc.go
}

// Labs lists the labs of these experiments, in their order.
func Labs(root string, experiments []Experiment) []Lab {
	var labs []Lab
	for _, e := range experiments {
		if len(labs) == 0 || labs[len(labs)-1].Name != e.Lab {
			labs = append(labs, Lab{Name: e.Lab, Question: questionOf(root, e.Lab)})
		}
	}
	return labs
}

func questionOf(root, lab string) string {
	file, _ := parse(token.NewFileSet(), root, lab+"/doc.go")
	if file == nil {
		return ""
	}
	first, _, _ := strings.Cut(file.Doc.Text(), "\n\n")
	return strings.TrimPrefix(oneLine(first), "Package "+lab+" asks: ")
}
