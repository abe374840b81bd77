package try

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/cli"
)

// asked is the report of a command with these flags, before anything is measured.
func asked(t *testing.T, args ...string) (*trying, *pflag.FlagSet) {
	t.Helper()
	tried := &trying{}
	flags := tried.command(&cli.Session{}).Flags()
	require.NoError(t, flags.Parse(args))
	return tried, flags
}

func TestHeadSaysWhatYouHaveChanged(t *testing.T) {
	tried, flags := asked(t, "--like", "linux", "--keepalive", "off", "--user-timeout", "5ms")
	r, err := tried.report(flags)
	require.NoError(t, err)
	assert.Contains(t, r.head(), "linux: a socket with SO_KEEPALIVE, and the system's settings\nchanged by you: --keepalive off --user-timeout 5ms\n"+
		"--user-timeout 5ms\nsource: tcp(7)")
	tried, flags = asked(t, "--user-timeout", "5ms")
	r, err = tried.report(flags)
	require.NoError(t, err)
	assert.NotContains(t, r.head(), "changed")
}

func TestAllThatIsRefusedIsNamed(t *testing.T) {
	tried, flags := asked(t, "--keepalive", "40000s,50000s,200", "--read-timeout", "1us")
	_, err := tried.report(flags)
	require.Error(t, err)
	for _, bad := range []string{"the keepalive idle time is 11h", "the keepalive interval is 13h", "the keepalive probe count is 200", "the read timeout is 1µs"} {
		assert.ErrorContains(t, err, bad)
	}
	assert.Equal(t, 1, strings.Count(err.Error(), "labs run lab03_keepalive/TestLimitsOfSettings"))
	assert.NotContains(t, err.Error(), "\n")
}

func TestFailuresMayBeGivenSeveralTimes(t *testing.T) {
	tried, flags := asked(t, "--like", "go", "--failure", "connect", "--failure", "vanishes idle", "--failure", "vanishes")
	r, err := tried.report(flags)
	require.NoError(t, err)
	failures, err := tried.failures(r)
	require.NoError(t, err)
	var names []string
	for _, f := range failures {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"host vanishes, idle", "host vanishes, request pending", "host vanishes, sending", "nobody answers connect"}, names)
}

// If a program does something that the experiment does not, a note says so beside the results that it affects.
func TestSumSaysWhatElseAProgramHas(t *testing.T) {
	kubernetes, err := profileNamed("kubernetes")
	require.NoError(t, err)
	r := &report{Like: &kubernetes, Results: []rule.Result{{Failure: "nobody answers connect", Outcome: rule.Served}}}
	assert.Empty(t, r.sum())
	r.Results = []rule.Result{{Failure: "host vanishes, idle", Outcome: rule.Served}}
	assert.Equal(t, []string{"IdleConnTimeout closes a connection that is not used for 1 min 30 s: a dead peer holds it no longer, unless a request waits."}, r.sum())
	r.Results = []rule.Result{{Failure: "peer pauses reading", Outcome: rule.Served}}
	assert.Equal(t, []string{"The peer's HTTP/2 library reads, and answers pings, also while its application does not: " +
		"such a peer is not dropped for what it leaves unread, whatever a row says."}, r.sum())
	r.Results = []rule.Result{{Failure: "host vanishes, sending", Outcome: rule.Deadline, By: rule.ByHeartbeat}}
	assert.NotContains(t, strings.Join(r.sum(), "\n"), "HTTP/2", "nothing is left unread")
	linux, err := profileNamed("linux")
	require.NoError(t, err)
	r = &report{Like: &linux, Results: []rule.Result{{Failure: "host vanishes, idle", Outcome: rule.Served}, {Failure: "peer pauses reading", Outcome: rule.Served}}}
	assert.Empty(t, r.sum())
}

// A row whose measured outcome is not the rule's shows both.
func TestRowThatBreaksTheRuleSaysSo(t *testing.T) {
	r := &report{Results: []rule.Result{{Failure: "healthy peer, idle", Outcome: rule.Served, MeasuredOutcome: rule.Deadline,
		Measured: 3 * time.Millisecond, Judgment: "false alarm"}}}
	assert.Regexp(t, "! healthy peer, idle +deadline +3 ms\n  by the rule: served\n", ansi.Strip(r.table(80)))
}
