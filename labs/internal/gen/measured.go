package main

import (
	"encoding/json"
	"fmt"
	"math"
)

// measured is the file that says how long each experiment takes, but for those that take minutes. A time that is known is not
// measured again, unless figures are asked for.
func (p *project) measured() ([]file, error) {
	const name = "labs/internal/catalog/measured.json"
	known := make(map[string]float64)
	if err := json.Unmarshal([]byte(p.old(name)), &known); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	seconds := make(map[string]float64)
	for _, e := range p.experiments {
		if e.Long {
			continue
		}
		took, isKnown := known[e.Name()]
		if p.run != nil && (p.figures || !isKnown) {
			took, isKnown = p.run.seconds[e.Name()]
			took = math.Round(took*10) / 10
		}
		if !isKnown {
			return nil, fmt.Errorf("%s does not have %s: run \"make generate\"", name, e.Name())
		}
		seconds[e.Name()] = took
	}
	text, err := json.MarshalIndent(seconds, "", "  ")
	return []file{{name, string(text) + "\n"}}, err
}
