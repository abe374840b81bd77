package find

import (
	_ "embed"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

var root = filepath.Join("..", "..", "..")

// load reads and indexes the experiments, once for all tests.
func load(t *testing.T) ([]catalog.Experiment, *Index) {
	t.Helper()
	skip.UnlessChecking(t, "indexes all experiments")
	experiments, err := loaded()
	require.NoError(t, err)
	return experiments, indexed()
}

var (
	loaded  = sync.OnceValues(func() ([]catalog.Experiment, error) { return catalog.Load(root) })
	indexed = sync.OnceValue(func() *Index {
		experiments, _ := loaded()
		return NewIndex(root, experiments)
	})
)

// Each line of these files has what a person would type who sees a symptom, and the experiment that should come first. The
// lines have the order of the symptoms in their files. Both files were written before anybody tried the queries. Then the
// symptoms got other words ("Also") until all queries of tuned.txt found their experiment first. Without further changes,
// 77 of the 86 queries that queries.txt had then did so, too.
var (
	//go:embed testdata/queries.txt
	queries string
	//go:embed testdata/tuned.txt
	tuned string
)

func TestSymptomsAreFoundInThePersonsWords(t *testing.T) {
	skip.UnlessChecking(t, "searches more than a hundred times")
	t.Parallel()
	_, index := load(t)
	for name, file := range map[string]string{"queries": queries, "tuned": tuned} {
		t.Run(name, func(t *testing.T) {
			first, asked := 0, 0
			for line := range strings.Lines(file) {
				words, test, isQuery := strings.Cut(strings.TrimSpace(line), " = ")
				if !isQuery {
					continue
				}
				require.Less(t, asked, len(Symptoms()), "%q is for no symptom", words)
				s := Symptoms()[asked]
				require.Equal(t, s.ShownBy[0], test, "%q is for the symptom %q; is a query missing before it?", words, s.Sees)
				asked++
				found := testsOf(index.Find(words))
				at := slices.Index(found, test)
				assert.True(t, at >= 0 && at < 3, "%q should find %s, and finds %v", words, test, found)
				if at == 0 {
					first++
				}
			}
			require.Equal(t, len(Symptoms()), asked, "each symptom needs a query, at the same place")
			t.Logf("%d of %d come first", first, asked)
			assert.GreaterOrEqual(t, first*40, asked*36, "%d of %d come first, and 36 of 40 should", first, asked)
		})
	}
}

// Each line of this file has a question that an engineer asked before having seen the labs, and the experiment that answers it.
//
//go:embed testdata/questions.txt
var questions string

func TestQuestionsAreAnsweredInTheirOwnWords(t *testing.T) {
	skip.UnlessChecking(t, "searches for each question")
	t.Parallel()
	experiments, index := load(t)
	first, asked := 0, 0
	for line := range strings.Lines(questions) {
		words, test, isQuery := strings.Cut(strings.TrimSpace(line), " = ")
		require.True(t, isQuery, "%q names no experiment", line)
		require.True(t, slices.ContainsFunc(experiments, func(e catalog.Experiment) bool { return e.Test == test }), "%q is no experiment", test)
		found := testsOf(index.Find(words))
		assert.Contains(t, found[:min(3, len(found))], test, words)
		if asked++; slices.Index(found, test) == 0 {
			first++
		}
	}
	assert.GreaterOrEqual(t, first*40, asked*36, "%d of %d come first, and 36 of 40 should", first, asked)
}

func testsOf(found []Match) (tests []string) {
	for _, m := range found {
		tests = append(tests, m.Experiment.Test)
	}
	return tests
}

func TestWordsOfTheFieldFindWhatTheyMean(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	for words, sensible := range map[string][]string{
		"dead client":                            {"TestIdleConnectionOutlivesItsPeer", "TestKeepaliveFreesHalfOpenConnections"},
		"half-open":                              {"TestKeepaliveFreesHalfOpenConnections", "TestIdleConnectionOutlivesItsPeer"},
		"hang":                                   {"TestReadWaitsForSilentPeer", "TestHungProcessLooksAlive", "TestHungApplicationAnswersProbes"},
		"CLOSE_WAIT":                             {"TestUnclosedConnectionsStayInCloseWait", "TestKeepaliveEndsCloseWaitOncePeerHasForgotten"},
		"MPTCP":                                  {"TestMultipathRefusesOptions"}, // it turns Multipath TCP off
		"failover":                               {"TestKeepaliveAndUserTimeoutCoverEachOther"},
		"NAT":                                    {"TestKeepaliveKeepsMiddleboxStateAlive", "TestWriteComesTooLateForMiddlebox"},
		"load balancer":                          {"TestKeepaliveKeepsMiddleboxStateAlive", "TestReusePortSpreadsConnections"},
		"TIME_WAIT":                              {"TestTimeWaitKeepsPortBusy", "TestPortIsFreeWhenClientClosesFirst", "TestTimeWaitLastsSixtySeconds"},
		"keepalive interval":                     {"TestLimitsOfSettings", "TestOutageShorterThanProbesIsSurvived"},
		"tcp_keepalive_time":                     {"TestChangedSystemSettingsLeaveRunningTimer", "TestSystemDefaultIsTwoHours"},
		"SO_LINGER":                              {"TestLingerZeroLosesData", "TestLingerZeroLeavesNoTimeWait", "TestLingerBlocksClose"},
		"bind: address already in use":           {"TestTimeWaitKeepsPortBusy"},
		"EADDRINUSE":                             {"TestTimeWaitKeepsPortBusy"},
		"read: connection reset by peer":         {"TestErrorsTellSlowFromDead"},
		"[Errno 104] Connection reset by peer":   {"TestErrorsTellSlowFromDead"},
		"[Errno 98]":                             {"TestTimeWaitKeepsPortBusy"},
		"SocketTimeoutException: Read timed out": {"TestTimeoutIsNoVerdictOnPeer"},
		"restart":                                {"TestTimeWaitKeepsPortBusy", "TestRestartRefusesClients"},
		"port in use":                            {"TestTimeWaitKeepsPortBusy", "TestTwoListenersCannotShareAPort"},
		"i/o timeout":                            {"TestDialTimeoutGivesUp", "TestReadDeadlineFreesReader", "TestTimeoutIsNoVerdictOnPeer"},
		"broken pipe":                            {"TestLateAnswerIsReset"},
		"EOF":                                    {"TestKilledProcessNeedsNoKeepalive"},
		"connection timed out":                   {"TestKeepaliveFindsVanishedPeer", "TestConnectWithoutTimeoutTakesMinutes"},
		"ETIMEDOUT":                              {"TestKeepaliveFindsVanishedPeer", "TestConnectWithoutTimeoutTakesMinutes"},
		"connection refused":                     {"TestSampleTellsSilentServerFromAbsentOne"},
		"K4":                                     {"TestKeepaliveFindsVanishedPeer", "TestOutageShorterThanProbesIsSurvived"},
		"no route to host":                       {"TestICMPErrorEndsConnectAtOnce"},
		"TestKeepaliveFindsVanishedPeer":         {"TestKeepaliveFindsVanishedPeer"},
		"unix.IP_LOCAL_PORT_RANGE":               {"TestClientRunsOutOfPorts"},
		"tcp_migrate_req":                        {"TestClosedListenerTakesItsQueueAlong"},
	} {
		found := index.Find(words)
		if assert.NotEmpty(t, found, words) {
			assert.Contains(t, sensible, found[0].Experiment.Test, "%q: %q", words, found[0].Line)
		}
	}
}

func TestNothingUnrelatedIsFound(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	for _, words := range []string{"", " ", "the", "?!", "blockchain", "banana server", "bake a chocolate cake", "Vanishdpeer"} {
		assert.Empty(t, index.Find(words), words)
		assert.False(t, index.Knows(words), words)
	}
	assert.True(t, index.Knows("EADDRINUSE"))
	assert.True(t, index.Knows("redeploy"), "a synonym")
}

// A match says which line matched, and where that line is.
func TestMatchNamesItsLine(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	for words, want := range map[string]struct{ where, line string }{
		"shorten TIME_WAIT":                 {"symptom", "TIME_WAIT still lasts"},
		"a minute in FIN_WAIT2, by default": {"title", "in FIN_WAIT2, by default"},
	} {
		found := index.Find(words)
		require.NotEmpty(t, found, words)
		assert.Equal(t, want.where, found[0].Where, words)
		assert.Contains(t, found[0].Line, want.line, words)
	}
}

func TestWordsDifferInTheirEndings(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"close", "closes", "closed", "closing"},
		{"drop", "drops", "dropped", "dropping"},
		{"address", "addresses"},
		{"slow", "slowly"},
	} {
		for _, word := range same {
			assert.Equal(t, stem(same[0]), stem(word), word)
		}
	}
	assert.NotEqual(t, stem("rest"), stem("reset"))
}

func TestSpellingsOfANameAreTheSame(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"TIME_WAIT", "TIME-WAIT", "TimeWait", "timewait", "time wait"},
		{"keepalive", "keep-alive", "KeepAlive", "keep alive"},
		{"FIN_WAIT2", "FIN-WAIT-2", "FinWait2"},
	} {
		for _, spelling := range same {
			assert.True(t, shareTerm(same[0], spelling), spelling)
		}
	}
}

func shareTerm(a, b string) bool {
	return slices.ContainsFunc(termsIn(a), func(of term) bool {
		return slices.ContainsFunc(termsIn(b), func(t term) bool { return t.key == of.key })
	})
}
