package site

import (
	"fmt"
	"path"
)

// weight is what a page says of what it loads.
type weight struct {
	Weight string // of the machine and what draws its pictures; empty if there is none
	Rest   string // of all else
}

// weigh makes all pages, to know how much that is.
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

// megabytes has no line end between number and unit.
func megabytes(size int) string { return fmt.Sprintf("%.0f\u00a0MB", float64(size)/1e6) }

// weights are the sizes of what a page loads to run its first experiment, and of all else that was written.
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
