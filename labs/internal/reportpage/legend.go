package reportpage

import "html/template"

// example is the experiment whose picture shows how to read a picture: it is short, and has most of the elements.
const example = "lab03_keepalive/TestVanishedPeerOnTheWire"

// legend is a picture with an explanation.
type legend struct {
	Picture template.HTML
	Heading string // of its experiment
	ID      string
}

// newLegend is nil if the runs have no picture of the example.
func newLegend(experiments []experiment) *legend {
	for _, e := range experiments {
		if first := e.First(); e.Name() == example && first != nil && first.Picture != "" {
			return &legend{first.Picture, e.Heading(), e.Name()}
		}
	}
	return nil
}
