package find

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each line of this file is an error as a program logs it, and the experiment that should come first, or several.
//
//go:embed testdata/pasted.txt
var pasted string

func TestPastedErrorsFindWhatTheyMean(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	for line := range strings.Lines(pasted) {
		line = strings.TrimSpace(line)
		at := strings.LastIndex(line, " = ")
		require.Positive(t, at, line)
		words, sensible := line[:at], strings.Split(line[at+len(" = "):], ", ")
		found := testsOf(index.Find(words))
		if assert.NotEmpty(t, found, words) {
			assert.Contains(t, sensible, found[0], "%q finds %v", words, found)
		}
	}
}

func TestPlacesAndTimesSayNothingOfAnError(t *testing.T) {
	t.Parallel()
	for line, left := range map[string]string{
		"read tcp 10.0.0.5:41822->10.0.0.9:5432: i/o timeout":                                        "read tcp i/o timeout",
		"read tcp [fe80::1%eth0]:41822->[fe80::2%eth0]:5432: i/o timeout":                            "read tcp i/o timeout",
		"dial tcp4 db.example.com:5432: connect: connection refused":                                 "dial tcp: connect: connection refused",
		"dial tcp: lookup db.example.com on 10.0.0.2:53: no such host":                               "dial tcp: lookup no such host",
		`2026-11-27T03:36:03.123Z Get "https://api.example.com/v1?a=b": EOF`:                         `Get " ": EOF`,
		"connect ETIMEDOUT 10.0.0.9:5432":                                                            "connect ETIMEDOUT",
		"connect ECONNREFUSED ::1:5432":                                                              "connect ECONNREFUSED",
		"10.0.0.9: broken pipe":                                                                      ": broken pipe",
		"127.0.0.1:8080: address already in use":                                                     ": address already in use",
		"127.0.0.1:8080 and 0.0.0.0:8080: address already in use":                                    "127.0.0.1:8080 and 0.0.0.0:8080: address already in use",
		"wrong server on 127.0.0.1":                                                                  "wrong server on 127.0.0.1",
		"net.ipv4.tcp_tw_reuse=1, os.ErrDeadlineExceeded, http.Get, keepalive 30/10/3, TCP: 2:1, 3s": "net.ipv4.tcp_tw_reuse=1, os.ErrDeadlineExceeded, http.Get, keepalive 30/10/3, TCP: 2:1, 3s",
	} {
		assert.Equal(t, left, strings.Join(strings.Fields(withoutPlaces(line)), " "), line)
	}
}

func TestOfTooManyWordsPhrasesCount(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	const unknown = "fastapi uvicorn gunicorn celery rabbitmq "
	for words, test := range map[string]string{
		"TIME_WAIT":            "TestTimeWaitKeepsPortBusy",
		"half-open zombie":     "TestIdleConnectionOutlivesItsPeer",
		"connection timed out": "TestConnectWithoutTimeoutTakesMinutes",
	} {
		found := testsOf(index.Find(unknown + words))
		assert.Contains(t, found, test, words)
	}
	for _, words := range []string{
		unknown + "server",
		"how do I bake a chocolate cake for my daughter's birthday in an old oven that takes an hour to warm up",
		"react useEffect hook renders twice on mount",
		"git rebase interactive, squash the last three commits",
	} {
		assert.Empty(t, testsOf(index.Find(words)), words)
	}
}
