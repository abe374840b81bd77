package site

import (
	"fmt"
	"path"
)

// weight is what a page says about the size of what it loads.
type weight struct {
	Weight string // size of the machine, and of the program that draws pictures; empty if there is no machine
	Rest   string // size of all other files
}

// weigh makes all pages, only to know their size.
func (p *pages) weigh() error {
	first, rest := p.weights()
	p.put = func(_ string, text []byte) error {
		rest += len(text)
		return nil
	}
	if err := p.all(); err != nil {
		return err
	}
	p.weight = weight{megabytes(first), megabytes(rest)}
	return nil
}

// megabytes is a size that is not broken between number and unit.
func megabytes(size int) string { return fmt.Sprintf("%.0f\u00a0MB", float64(size)/1e6) }

// weights are two sizes: of what a page loads to run its first experiment, and of all other files.
func (w *writer) weights() (first, rest int) {
	for _, f := range w.files {
		if path.Dir(f.name) == machineFolder || f.name == program {
			first += f.size
		} else {
			rest += f.size
		}
	}
	return first, rest
}
