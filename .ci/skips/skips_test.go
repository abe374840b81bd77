package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ran = `{"Action":"start","Package":"socketlabs/lab"}
{"Action":"attr","Package":"socketlabs/lab","Test":"TestLong","Key":"needs","Value":"LongTimers"}
{"Action":"output","Package":"socketlabs/lab","Test":"TestLong","Output":"--- SKIP: TestLong\n"}
{"Action":"skip","Package":"socketlabs/lab","Test":"TestLong"}
{"Action":"attr","Package":"socketlabs/lab","Test":"TestTable/row","Key":"needs","Value":"VanishingPeers"}
{"Action":"skip","Package":"socketlabs/lab","Test":"TestTable/row"}
{"Action":"output","Package":"socketlabs/lab","Test":"TestTable","Output":"chatter\n"}
{"Action":"attr","Package":"socketlabs/lab","Test":"TestTable","Key":"judgment","Value":"right"}
{"Action":"pass","Package":"socketlabs/lab","Test":"TestTable"}
{"Action":"output","Package":"socketlabs/lab","Output":"PASS\n"}
{"Action":"output","Package":"socketlabs/lab","Output":"ok  \tsocketlabs/lab\t1s\n"}
{"Action":"pass","Package":"socketlabs/lab"}
{"Action":"skip","Package":"socketlabs/untested"}
`

func TestSkippedTestsAreNamedWithTheirNeed(t *testing.T) {
	var out strings.Builder
	skipped, err := follow(strings.NewReader(ran), &out)
	require.NoError(t, err)
	assert.Equal(t, []string{"lab.TestLong LongTimers", "lab.TestTable/row VanishingPeers"}, skipped)
	assert.Equal(t, "ok  \tsocketlabs/lab\t1s\n", out.String())
}

func TestSkipWithoutReasonIsNoLineOfTheList(t *testing.T) {
	skipped, err := follow(strings.NewReader(`{"Action":"skip","Package":"socketlabs/lab","Test":"TestX"}`), new(strings.Builder))
	require.NoError(t, err)
	assert.Equal(t, []string{"lab.TestX (does not say what it needs: use harness/skip)"}, skipped)
}

func TestFailedTestSaysAll(t *testing.T) {
	var out strings.Builder
	_, err := follow(strings.NewReader(`{"Action":"output","Package":"lab","Test":"TestX","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"lab","Test":"TestX"}
{"Action":"build-output","Output":"x.go:1: undefined\n"}`), &out)
	require.NoError(t, err)
	assert.Equal(t, "got 1, want 2\nx.go:1: undefined\n", out.String())
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	_, err := follow(strings.NewReader(`{"Action":"skip"`), new(strings.Builder))
	assert.Error(t, err)
}

func TestListIsExact(t *testing.T) {
	const list = `everywhere lab.TestLong LongTimers
own lab.TestPrivate PrivateLoopback
`
	both := []string{"lab.TestLong LongTimers", "lab.TestPrivate PrivateLoopback"}
	for _, run := range []struct {
		environment string
		skipped     []string
		want        []string // words of what is said
	}{
		{"own", both, nil},
		{"ipv6,own", both, nil},
		{"ipv6", both[:1], nil},
		{"ipv6", both, []string{"are skipped; make them run", "\nipv6 lab.TestPrivate PrivateLoopback\n"}},
		{"own", both[:1], []string{"are not skipped; remove them", "\nown lab.TestPrivate PrivateLoopback\n"}},
		{"ipv6", []string{"lab.TestLong Wire"}, []string{"\nipv6 lab.TestLong Wire\n", "\nipv6 lab.TestLong LongTimers\n"}},
	} {
		found := compare(run.environment, list, run.skipped)
		assert.Equal(t, len(run.want) == 0, found == "", found)
		for _, words := range run.want {
			assert.Contains(t, found, words)
		}
	}
}
