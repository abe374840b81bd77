package measure

import (
	"encoding/json"
	"strings"
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
	assert.Contains(t, Left(plan.Lengthy, "There is no kernel"), "13 failures, which would take 17 min 57 s. There is no kernel; --real ")
}

func TestPatternChoosesRows(t *testing.T) {
	plan := NewPlan(rule.Settings{}, 0, rule.Failures[:1])
	assert.Equal(t, "^TestYourSettings$/^(healthy_peer,_idle)$", pattern(plan.All()))
}

// The time machine stops a test after a day of virtual time.
func TestPlanKnowsWhatIsTooFar(t *testing.T) {
	plan := NewPlan(rule.Settings{Keepalive: rule.Keepalive{Idle: 32767 * time.Second, Interval: 32767 * time.Second, Count: 127}}, 0, rule.Failures)
	var far []string
	for _, r := range plan.TooFar {
		far = append(far, r.Failure)
	}
	assert.Contains(t, far, "host vanishes, idle")
	assert.NotContains(t, far, "nobody answers connect")
}

// measured are results as the experiment reports them.
func measured(t *testing.T, results ...rule.Result) *Results {
	m := new(Results)
	for _, r := range results {
		text, err := json.Marshal(r)
		require.NoError(t, err)
		m.Add(gotest.Event{Action: gotest.Attr, Key: rule.AttrKey, Value: string(text)})
	}
	return m
}

// expected are the rows of the table, by the rule.
func expected(set rule.Settings, middlebox time.Duration) (results []rule.Result) {
	for _, f := range rule.Failures {
		results = append(results, rule.Expect(set, rule.Default(), f.WithMiddlebox(middlebox)))
	}
	return results
}

// observe makes a row a measured one: the call ended as the rule says, after this time.
func observe(t *testing.T, results []rule.Result, failure string, after time.Duration) {
	t.Helper()
	for i := range results {
		if r := &results[i]; r.Failure == failure {
			r.MeasuredOutcome, r.MeasuredBy, r.Measured = r.Outcome, r.By, after
			return
		}
	}
	require.Fail(t, "no such row", failure)
}

func TestSumIsInWords(t *testing.T) {
	set := rule.Settings{Keepalive: rule.Keepalive{Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 2}, ReadTimeout: 60 * time.Second}
	results := expected(set, 0)
	observe(t, results, "host vanishes, idle", 3070*time.Millisecond)
	assert.Equal(t, []string{
		"Directly connected, a dead peer holds an idle connection for 3 s at the longest (host vanishes, idle; keepalive), measured 3.07 s.",
		"Behind a proxy, a dead peer holds an idle connection for 1 min at the longest (dead host behind proxy, idle; read timeout).",
		"A middlebox that forgets holds an idle connection for 1 min at the longest (middlebox forgets, idle; read timeout).",
		"A dead peer holds a connection with data in flight for 15 min 24.8 s at the longest (host vanishes, sending; tcp_retries2).",
		"A host that does not answer holds a connect for 2 min 11 s at the longest (nobody answers connect; tcp_syn_retries).",
		"Never noticed: peer stops reading.",
		"Healthy, and dropped: healthy peer, idle (read timeout, after 1 min).",
		"A healthy peer is dropped, too, if it takes 1 min to answer (read timeout), or isn't heard for 3 s while idle (keepalive), " +
			"or can't be reached for 1 min with data in flight (read timeout).",
	}, Sum(measured(t, results...).Of(NewPlan(set, 0, rule.Failures))))
}

// A directly connected dead peer does not always hold a connection longest, and measurements may show another order than the
// rule.
func TestSumNamesWhatHoldsLongest(t *testing.T) {
	grpc := rule.Settings{Keepalive: rule.Keepalive{Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}, UserTimeout: 20 * time.Second,
		Heartbeat: rule.Heartbeat{Every: 2 * time.Hour, Silence: 2*time.Hour + 20*time.Second}}
	sum := Sum(expected(grpc, 0))
	for _, line := range []string{
		"Directly connected, a dead peer holds an idle connection for 30 s at the longest (host vanishes, idle; keepalive, user timeout).",
		"Behind a proxy, a dead peer holds an idle connection for 2 h 20 s at the longest (dead host behind proxy, idle; heartbeat).",
		"Directly connected, a dead peer holds a connection with data in flight for 20.4 s at the longest (host vanishes, request pending; user timeout).",
		"Behind a proxy, a dead peer holds a connection with data in flight for 15 min 25 s at the longest (dead host behind proxy, request pending; the proxy).",
	} {
		assert.Contains(t, sum, line)
	}

	linux := rule.Settings{Keepalive: rule.Keepalive{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}}
	results := expected(linux, 350*time.Second)
	observe(t, results, "host vanishes, idle", 2*time.Hour+12*time.Minute+22*time.Second)
	observe(t, results, "middlebox forgets, idle", 2*time.Hour+14*time.Minute+37*time.Second)
	sum = Sum(results)
	assert.Contains(t, sum, "Behind a proxy, a dead peer holds an idle connection forever (dead host behind proxy, idle).")
	assert.Contains(t, sum, "A middlebox that forgets holds an idle connection for 2 h 11 min 15 s at the longest "+
		"(middlebox forgets, idle; keepalive), measured 2 h 14 min 37 s.")

	observe(t, results, "host vanishes, idle", 3*time.Hour)
	assert.NotContains(t, strings.Join(Sum(results), "\n"), "A middlebox that forgets", "measured, it is not the longest")
}

// Settings may spare the slow peers of the table, and drop peers that are slower.
func TestSumSaysWhatHealthyPeersMayDo(t *testing.T) {
	set := rule.Settings{Keepalive: rule.Keepalive{Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}, UserTimeout: 20 * time.Second,
		ReadTimeout: 60 * time.Second}
	assert.Contains(t, Sum(expected(set, 0)), "A healthy peer is dropped, too, if it takes 1 min to answer (read timeout), "+
		"or isn't heard for 40 s while idle (keepalive, user timeout), or can't be reached for 20.2 s with data in flight (user timeout), "+
		"or reads nothing for 20.2 s (user timeout).")
	assert.NotContains(t, strings.Join(Sum(expected(rule.Settings{}, 0)), "\n"), "reads nothing", "nothing drops it")
}

func TestRowIsInWords(t *testing.T) {
	f, _ := rule.FailureNamed("host vanishes, idle")
	r := rule.Expect(rule.Settings{Keepalive: rule.Keepalive{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}}, rule.Default(), f)
	row := InWords(r)
	assert.Equal(t, "ETIMEDOUT, by keepalive", row.What)
	assert.Equal(t, "2 h 11 min 15 s nominal, not measured", row.Times())
	r.MeasuredOutcome, r.MeasuredBy, r.Measured = rule.TimedOut, r.By, 2*time.Hour+12*time.Minute+6300*time.Millisecond
	row = InWords(r)
	assert.Equal(t, "ETIMEDOUT, by keepalive", row.What)
	assert.Equal(t, "2 h 11 min 15 s nominal, 2 h 12 min 6.3 s measured", row.Times())
	assert.Empty(t, row.ByRule())
}

// A row says what was measured. If the rule says something else, the row says that, too.
func TestRowSaysWhatWasMeasured(t *testing.T) {
	expired := rule.Result{Failure: "short outage, request pending", Outcome: rule.Deadline, By: rule.ByReadTimeout, Nominal: 500 * time.Millisecond}
	healthy := rule.Result{Failure: "healthy peer, idle", Outcome: rule.Served, Watched: 3290 * time.Millisecond}
	for _, of := range []struct {
		expected          rule.Result
		outcome, by       string
		after             time.Duration
		what, times, rule string
	}{
		{expired, rule.Served, rule.ByPeer, 830 * time.Millisecond, "served", "830 ms", "by the rule: read timeout, after 500 ms"},
		{expired, rule.Deadline, "", 400 * time.Millisecond, "deadline", "400 ms", "by the rule: read timeout, after 500 ms"},
		{expired, rule.Deadline, rule.ByReadTimeout, 501 * time.Millisecond, "read timeout", "500 ms nominal, 501 ms measured", ""},
		{expired, rule.Waiting, "", 0, "never noticed", "still waiting after 0 ms", "by the rule: read timeout, after 500 ms"},
		{healthy, rule.Served, "", 0, "served", "still served after 3.29 s", ""},
		{healthy, rule.Deadline, "", 2134567 * time.Nanosecond, "deadline", "2.13 ms", "by the rule: served"},
	} {
		r := of.expected
		r.MeasuredOutcome, r.MeasuredBy, r.Measured = of.outcome, of.by, of.after
		row := InWords(r)
		assert.Equal(t, of.what, row.What, "%+v", r)
		assert.Equal(t, of.times, row.Times(), "%+v", r)
		assert.Equal(t, of.rule, row.ByRule(), "%+v", r)
	}
	broken := healthy
	broken.MeasuredOutcome, broken.Measured = rule.Deadline, 2*time.Millisecond
	assert.Equal(t, []string{"Healthy, and dropped: healthy peer, idle (deadline, after 2 ms)."}, Sum([]rule.Result{broken}))
	broken = rule.Result{Failure: "host vanishes, idle", Outcome: rule.TimedOut, By: rule.ByKeepalive, Nominal: 3 * time.Second,
		MeasuredOutcome: rule.Waiting, Watched: 5 * time.Second}
	assert.Equal(t, []string{"A dead peer holds an idle connection for more than 5 s (host vanishes, idle).", "Never noticed: host vanishes, idle."},
		Sum([]rule.Result{broken}))
}

// A time is rounded, but never to 0, and never to a time that is too early.
func TestMeasuredTimeIsRounded(t *testing.T) {
	for _, of := range []struct {
		measured, nominal time.Duration
		text              string
	}{
		{300 * time.Microsecond, 0, "300 µs"}, {1300 * time.Microsecond, time.Millisecond, "1.3 ms"}, {830400 * time.Microsecond, 0, "830 ms"},
		{3074 * time.Millisecond, 0, "3.07 s"}, {1234500 * time.Microsecond, 1234 * time.Millisecond, "1.234 s"},
		{40920 * time.Millisecond, 40 * time.Second, "40.9 s"}, {40049 * time.Millisecond, 40 * time.Second, "40 s"},
	} {
		assert.Equal(t, of.text, rough(rule.Result{Measured: of.measured, Nominal: of.nominal}))
	}
}
