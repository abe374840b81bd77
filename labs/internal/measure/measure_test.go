package measure

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/gotest"
)

func TestPlanPartsWhatIsQuick(t *testing.T) {
	plan := NewPlan(rule.Settings{Keepalive: rule.Keepalive{Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}}, 350*time.Second, rule.Failures)
	var quick []string
	for _, r := range plan.Quick {
		quick = append(quick, r.Failure)
	}
	assert.Equal(t, []string{"process is killed", "peer pauses reading", "short outage, request pending"}, quick)
	assert.Len(t, plan.All(), len(rule.Failures))
	assert.Contains(t, Left(plan.Lengthy, "There is no kernel"), "12 failures, which would take 17 min 57 s. There is no kernel; --real ")
}

func TestFailuresAreNamedLoosely(t *testing.T) {
	for name, want := range map[string]int{"": len(rule.Failures), "host vanishes, idle": 1, "Vanishes": 2, "pending proxy": 1, "slow answer": 1} {
		found, err := FailuresLike(name)
		require.NoError(t, err)
		assert.Len(t, found, want, name)
	}
	_, err := FailuresLike("rain")
	assert.ErrorContains(t, err, `"rain"; there are: healthy peer, idle; slow answer; `)
	plan := NewPlan(rule.Settings{}, 0, rule.Failures[:1])
	assert.Equal(t, "^TestYourSettings$/^(healthy_peer,_idle)$", pattern(plan.All()))
}

// The time machine stops a test after a day of its own.
func TestPlanKnowsWhatIsTooFar(t *testing.T) {
	plan := NewPlan(rule.Settings{Keepalive: rule.Keepalive{Idle: 32767 * time.Second, Interval: 32767 * time.Second, Count: 127}}, 0, rule.Failures)
	var far []string
	for _, r := range plan.TooFar {
		far = append(far, r.Failure)
	}
	assert.Contains(t, far, "host vanishes, idle")
	assert.NotContains(t, far, "nobody answers connect")
}

// measured are results as the experiment tells them.
func measured(t *testing.T, results ...rule.Result) *Results {
	m := new(Results)
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
		"A dead peer holds a connection with data in flight for 1 min at the longest (host vanishes, request pending; read timeout).",
		"A host that does not answer holds a connect for 2 min 11 s at the longest (nobody answers connect; tcp_syn_retries).",
		"Never noticed: peer stops reading.",
		"Healthy, and dropped: healthy peer, idle (read timeout, after 1 min).",
	}, Sum(measured(t, expected...).Of(NewPlan(set, 0, rule.Failures))))
}

func TestRowIsInWords(t *testing.T) {
	f, _ := rule.FailureNamed("host vanishes, idle")
	r := rule.Expect(rule.Settings{Keepalive: rule.Keepalive{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}}, rule.Default(), f)
	r.MeasuredOutcome, r.Measured = rule.TimedOut, 2*time.Hour+12*time.Minute+6300*time.Millisecond
	row := InWords(r)
	assert.Equal(t, "ETIMEDOUT, by keepalive", row.What)
	assert.Equal(t, "2 h 11 min 15 s nominal, 2 h 12 min 6.3 s measured", row.Times())
}
