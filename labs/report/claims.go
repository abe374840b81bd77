package report

import (
	"socketlabs/labs/catalog"
)

// claim is one of the chapter's, and the experiments that show what became of it.
type claim struct {
	catalog.Claim
	ShownBy []experiment
}

func newClaims(stated []catalog.Claim, experiments []experiment) []claim {
	byName := make(map[string]experiment)
	for _, e := range experiments {
		byName[e.Name()] = e
	}
	var claims []claim
	for _, c := range stated {
		shown := claim{Claim: c}
		for _, name := range c.Experiments {
			shown.ShownBy = append(shown.ShownBy, byName[name])
		}
		claims = append(claims, shown)
	}
	return claims
}
