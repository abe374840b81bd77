package try

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/lab04_compare/rule"
)

func TestEveryProfileHasASource(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range profiles {
		assert.False(t, names[p.Name], "%s: twice", p.Name)
		names[p.Name] = true
		assert.NotEmpty(t, p.What, p.Name)
		assert.NotEmpty(t, p.Source, p.Name)
		assert.NotEmpty(t, p.Date, p.Name)
		_, remarks := rule.Taken(p.Settings)
		for _, remark := range remarks {
			assert.False(t, remark.Refused, "%s: %s", p.Name, remark.Text)
		}
	}
	_, err := profileNamed("none")
	assert.ErrorContains(t, err, "linux, go, ")
}
