package reportpage

import (
	"socketlabs/labs/internal/catalog"
)

// claim is a claim of the chapter, with its verdict.
type claim struct {
	catalog.Claim
	ShownBy []shown
}

// shown is what an experiment finds about a claim.
type shown struct {
	experiment
	Finding catalog.Finding
}

func newClaims(stated []catalog.Claim, experiments []experiment) []claim {
	byName := make(map[string]experiment)
	for _, e := range experiments {
		byName[e.Name()] = e
	}
	var claims []claim
	for _, c := range stated {
		of := claim{Claim: c}
		for _, f := range c.Findings {
			of.ShownBy = append(of.ShownBy, shown{byName[f.By], f.Finding})
		}
		claims = append(claims, of)
	}
	return claims
}
