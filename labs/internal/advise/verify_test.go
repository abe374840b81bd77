package advise

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/gotest"
)

// nothingSeen is a view that shows nothing.
type nothingSeen struct{}

func (*nothingSeen) Event(gotest.Event) {}
func (*nothingSeen) Tick()              {}

// play sends a measurement the events of a test that measures a row.
func play(t *testing.T, m *measurement, r rule.Result, result string, says ...string) {
	t.Helper()
	const test = "TestYourSettings/a_row" // the same for all candidates
	expected := r
	expected.MeasuredOutcome, expected.Measured = "", 0
	for _, told := range []rule.Result{expected, r} {
		text, err := json.Marshal(told)
		require.NoError(t, err)
		m.Event(gotest.Event{Action: gotest.Attr, Test: test, Key: rule.AttrKey, Value: string(text)})
	}
	for _, line := range says {
		m.Event(gotest.Event{Action: gotest.Output, Test: test, Output: line})
	}
	m.Event(gotest.Event{Action: result, Test: test})
}

// A candidate is verified if each decisive failure was measured, and the measurements meet the goal.
func TestOnlyWhatIsMeasuredIsVerified(t *testing.T) {
	g := goal{within: 9360 * time.Millisecond, idle: true}
	candidate := g.candidates()[0]
	require.Empty(t, candidate.why)
	const vanishes, healthy = "host vanishes, idle", "healthy peer, idle"
	for name, of := range map[string]struct {
		failure         string
		change          func(*rule.Result)
		result, says    string
		why, unverified string
	}{
		"all is as the rule says": {vanishes, func(*rule.Result) {}, gotest.Pass, "", "", ""},
		"it is late": {vanishes, func(r *rule.Result) { r.Measured = 9480 * time.Millisecond }, gotest.Pass, "",
			"by the rule it meets the goal, but measured: host vanishes, idle: found only after 9.48 s", ""},
		"it is never found": {vanishes, func(r *rule.Result) { r.MeasuredOutcome, r.Measured = rule.Waiting, 0 }, gotest.Fail, "",
			"by the rule it meets the goal, but measured: host vanishes, idle: it notices nothing", ""},
		"a healthy peer is dropped": {healthy, func(r *rule.Result) { r.MeasuredOutcome, r.Measured = rule.TimedOut, time.Second }, gotest.Fail, "",
			"by the rule it meets the goal, but measured: healthy peer, idle: it drops a healthy peer (ETIMEDOUT, after 1 s)", ""},
		"it is skipped": {vanishes, func(r *rule.Result) { r.MeasuredOutcome, r.Measured = "", 0 }, gotest.Skip, "    a_test.go:7: no namespaces here\n",
			"", "host vanishes, idle: no namespaces here"},
		"it fails before it is measured": {vanishes, func(r *rule.Result) { r.MeasuredOutcome, r.Measured = "", 0 }, gotest.Fail, "",
			"", "host vanishes, idle: its test ended before it was measured"},
		"it is in time, and not as the rule says": {vanishes, func(*rule.Result) {}, gotest.Fail, "",
			"", "host vanishes, idle: what was measured is not what the rule says"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeasurement(new(nothingSeen))
			for _, r := range g.plan(candidate).All() {
				r.MeasuredOutcome, r.Measured = r.Outcome, r.Nominal
				if r.Failure == of.failure {
					of.change(&r)
					play(t, m, r, of.result, of.says)
				} else {
					play(t, m, r, gotest.Pass)
				}
			}
			checked := candidate
			g.check(&checked, m)
			assert.Equal(t, of.why, checked.why)
			assert.Equal(t, of.unverified, checked.unverified)
			assert.Len(t, m.failed(m.rows.Of(g.plan(candidate))), map[string]int{gotest.Fail: 1}[of.result])
		})
	}
}

// A row has no events if the time machine does not reach its time, or if its test never began.
func TestWhatIsNotMeasuredIsNotVerified(t *testing.T) {
	m := newMeasurement(new(nothingSeen))
	for within, want := range map[time.Duration]string{
		time.Minute:     "healthy peer, idle: its test ended before it was measured",
		100 * time.Hour: "healthy peer, idle: the time machine goes no further than a day",
	} {
		g := goal{within: within, idle: true}
		candidate := g.candidates()[0]
		g.check(&candidate, m)
		assert.Equal(t, want, candidate.unverified)
	}
}

// The costs say which slow peers the settings drop.
func TestCostsAreSaid(t *testing.T) {
	assert.Equal(t, "a peer that does not read is dropped after 8.7 s (user timeout)", costs(rule.Settings{UserTimeout: 8500 * time.Millisecond}))
	assert.Equal(t, "an answer that takes longer than 10 s is cut off (answer timeout)", costs(rule.Settings{AnswerTimeout: 10 * time.Second}))
	assert.Equal(t, "a peer that does not read is dropped after 9 s (write timeout); an answer that takes longer than 8.5 s is cut off (answer timeout)",
		costs(rule.Settings{WriteTimeout: 9 * time.Second, AnswerTimeout: 8500 * time.Millisecond}))
	assert.Empty(t, costs(rule.Settings{Keepalive: full.Keepalive}))
}
