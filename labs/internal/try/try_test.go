package try

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/gotest"
)

func TestEveryProfileHasASource(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range Profiles {
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
	_, err := ProfileNamed("none")
	assert.ErrorContains(t, err, "linux, go, ")
}

func TestPlanPartsWhatIsQuick(t *testing.T) {
	plan, err := NewPlan(rule.Settings{Keepalive: rule.Keepalive{Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}}, false, "")
	require.NoError(t, err)
	var quick []string
	for _, r := range plan.Quick {
		quick = append(quick, r.Failure)
	}
	assert.Equal(t, []string{"process is killed", "peer pauses reading", "short outage, asked"}, quick)
	assert.Len(t, plan.All(), len(rule.Failures))
	assert.Contains(t, plan.LeftBecause(errors.New("there is no kernel")), "(there is no kernel)")
}

func TestServerDialsNothing(t *testing.T) {
	plan, err := NewPlan(rule.Settings{}, true, "")
	require.NoError(t, err)
	for _, r := range plan.All() {
		assert.NotEqual(t, "nobody answers connect", r.Failure)
	}
}

func TestPlanNamesFailures(t *testing.T) {
	_, err := NewPlan(rule.Settings{}, false, "rain")
	assert.ErrorContains(t, err, `"rain"; there are: nothing, idle; slow answer; `)
	plan, err := NewPlan(rule.Settings{}, false, "nothing, idle")
	require.NoError(t, err)
	assert.Equal(t, "^TestYourSettings$/^(nothing,_idle)$", Pattern(plan.All()))
}

// measured are results as the experiment tells them.
func measured(t *testing.T, results ...rule.Result) *Measured {
	m := new(Measured)
	for _, r := range results {
		text, err := json.Marshal(r)
		require.NoError(t, err)
		m.Add(gotest.Event{Action: gotest.Attr, Key: rule.AttrKey, Value: string(text)})
	}
	return m
}

func TestSumIsInWords(t *testing.T) {
	set := rule.Settings{Keepalive: rule.Keepalive{Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 2}, ReadTimeout: 60 * time.Second}
	var expected []rule.Result
	for _, f := range rule.Failures {
		r := rule.Expect(set, rule.Default(), f)
		if f.Name == "host vanishes, idle" {
			r.Measured = 3070 * time.Millisecond
		}
		expected = append(expected, r)
	}
	assert.Equal(t, []string{
		"A dead peer holds an idle connection for 3 s at the longest (host vanishes, idle; keepalive), measured 3.07 s.",
		"A dead peer holds a connection with data in flight for 1 m at the longest (host vanishes, asked; read timeout).",
		"A host that does not answer holds a connect for 2 m 11 s at the longest (nobody answers connect; tcp_syn_retries).",
		"Never noticed: peer stops reading.",
		"Healthy, and dropped: nothing, idle (read timeout, after 1 m).",
	}, Sum(measured(t, expected...).Results(set)))
}

func TestRowIsInWords(t *testing.T) {
	f, _ := rule.FailureNamed("host vanishes, idle")
	r := rule.Expect(rule.Settings{Keepalive: rule.Keepalive{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}}, rule.Default(), f)
	r.MeasuredOutcome, r.Measured = rule.TimedOut, 2*time.Hour+12*time.Minute+6300*time.Millisecond
	row := InWords(r)
	assert.Equal(t, "ETIMEDOUT, by keepalive", row.What)
	assert.Equal(t, "2 h 11 m 15 s nominal, 2 h 12 m 6 s measured", row.Times())
}
