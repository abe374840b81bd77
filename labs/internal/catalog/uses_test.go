package catalog

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExperimentIsShownWithWhatItUses(t *testing.T) {
	const mine = `package lab01_x

// Some times.
const (
	short = time.Second // not used

	// long is twice that.
	long = 2 * time.Second // as it is
)

func TestX(t *testing.T) {
	other := deaf{limit: long, of: one}
	other.wait()
	unused := 1
	serve(unused)
}

func TestY(t *testing.T) { unused() }

func unused() { fmt.Println(short) }
`
	const common = `package lab01_x

type deaf struct {
	limit time.Duration
	of    kind
}

// wait waits.
func (d *deaf) wait() { again(d.limit) }

func again(d time.Duration) { if d > 0 { again(d-1) } }

type kind int

const (
	none kind = iota
	one
)

func idle() {}
`
	files := lab()
	files["lab01_x/01_mine_test.go"] = mine
	files["lab01_x/common_test.go"] = common
	files["lab01_x/common_a_test.go"] = "//go:build ignore\n\npackage lab01_x\n\nfunc serve(int) { /* elsewhere */ }\n"
	files["lab01_x/common_"+runtime.GOOS+"_test.go"] = "package lab01_x\n\nvar served = 0\n\nfunc serve(n int) { served += n }\n"
	files["lab01_x/common_z_test.go"] = "//go:build ignore\n\npackage lab01_x\n\nfunc serve(int) { /* elsewhere */ }\n"
	root := module(t, files)
	experiments, err := Load(root)
	require.NoError(t, err)
	source, err := experiments[0].SourceWithUsed(root)
	require.NoError(t, err)
	assert.Equal(t, `func TestX(t *testing.T) {
	other := deaf{limit: long, of: one}
	other.wait()
	unused := 1
	serve(unused)
}

// lab01_x/01_mine_test.go:8

// Some times.
const (
	// long is twice that.
	long = 2 * time.Second // as it is
)

// lab01_x/common_GOOS_test.go:3

var served = 0

// lab01_x/common_GOOS_test.go:5

func serve(n int) { served += n }

// lab01_x/common_test.go:3

type deaf struct {
	limit time.Duration
	of    kind
}

// lab01_x/common_test.go:9

// wait waits.
func (d *deaf) wait() { again(d.limit) }

// lab01_x/common_test.go:11

func again(d time.Duration) {
	if d > 0 {
		again(d - 1)
	}
}

// lab01_x/common_test.go:13

type kind int

// lab01_x/common_test.go:17

const (
	none kind = iota
	one
)
`, strings.ReplaceAll(source, "common_"+runtime.GOOS, "common_GOOS"))
}

func TestWhatOurExperimentsUse(t *testing.T) {
	declaration := regexp.MustCompile(`(?m)^(?:func|type|var|const|\t)(?: \(.*?\))? ?(\w+)(?: += |\(| struct| time)`)
	for name, want := range map[string][]string{
		"TestKeepaliveFindsVanishedPeer":        {"deathAfter", "cause"},
		"TestKeepaliveFreesHalfOpenConnections": {"waitingServer", "waitForClient", "quickest", "deathAfter"},
		"TestDeadlineSetOnceEndsConversation":   {"drippedText", "dripPause", "endlessText"},
	} {
		for _, e := range ours(t) {
			if e.Test != name {
				continue
			}
			source, err := e.SourceWithUsed(root)
			require.NoError(t, err)
			test, err := e.Source(root)
			require.NoError(t, err)
			used, found := strings.CutPrefix(source, test)
			require.True(t, found)
			var got []string
			for _, d := range declaration.FindAllStringSubmatch(used, -1) {
				got = append(got, d[1])
			}
			assert.Equal(t, want, got, "%s:\n%s", name, used)
		}
	}
}
