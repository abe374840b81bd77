package try

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/catalog"
)

// Each remark names an experiment that exists.
func TestRemarksNameExperiments(t *testing.T) {
	all, err := catalog.Load("../../..")
	require.NoError(t, err)
	names := make(map[string]bool)
	for _, e := range all {
		names[e.Name()] = true
	}
	remarks := 0
	for _, set := range []rule.Settings{
		{Keepalive: rule.Keepalive{Idle: time.Millisecond, Interval: 40000 * time.Second, Count: 128}},
		{Keepalive: rule.Keepalive{Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}, UserTimeout: 20 * time.Second},
		{Keepalive: rule.Keepalive{Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}, UserTimeout: 45 * time.Second},
		{UserTimeout: time.Second},
		{UserTimeout: time.Microsecond, ReadTimeout: time.Microsecond},
		{UserTimeout: 1000 * time.Hour},
	} {
		_, found := rule.Taken(set)
		for _, r := range found {
			assert.True(t, names[r.Experiment], "%s: there is no experiment %s", r.Text, r.Experiment)
			remarks++
		}
	}
	assert.Equal(t, 11, remarks)
}
