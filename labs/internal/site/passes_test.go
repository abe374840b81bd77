package site_test

import (
	"cmp"
	_ "embed"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/static"
)

// lacking are the experiments that the page's machine can't show, and why: a line for each.
//
//go:embed testdata/lacking.txt
var lacking string

// runLab runs all tests of a lab in the page, in virtual time, and gives what is shown of each.
const runLab = `(async (origin, lab) => {
	const { run } = await import(origin + "/assets/guest.js")
	const [live, state, clock] = ["div", "p", "output"].map(name => document.createElement(name))
	const { stopped, status, tests } = await run({ lab, args: ["-test.parallel=8"], pace: "virtual", live, state, clock })
	return { Stopped: stopped ?? "", Status: status ?? -1, Tests: tests }
})(%q, %q)`

// TestWhatPassesInThePage runs all experiments in the page. Nine of ten pass, at least; the list says which do not, and why.
func TestWhatPassesInThePage(t *testing.T) {
	dir := withMachine(t)
	server := httptest.NewServer(static.Handler(dir))
	t.Cleanup(server.Close)
	browser := chromium.Start(t)
	experiments, err := loaded()
	require.NoError(t, err)
	result, says := make(map[string]string), make(map[string]string)
	for _, lab := range names.Labs(experiments) {
		begun := time.Now()
		ran := value[struct {
			Stopped string
			Status  int
			Tests   []struct{ Test, Result, Says string }
		}](open(t, browser, server.URL, "/index.html"), fmt.Sprintf(runLab, server.URL, lab))
		t.Logf("%s: status %d after %v", lab, ran.Status, time.Since(begun).Round(time.Second))
		assert.Empty(t, ran.Stopped, lab)
		for _, shown := range ran.Tests {
			name := lab + "/" + shown.Test
			result[name], says[name] = shown.Result, shown.Says
		}
	}

	var want, got []string
	for line := range strings.Lines(lacking) {
		if name, _, isEntry := strings.Cut(line, ": "); isEntry && !strings.HasPrefix(line, "#") {
			want = append(want, name)
		}
	}
	for _, e := range experiments {
		if result[e.Name()] != gotest.Pass {
			got = append(got, e.Name())
			t.Logf("%s: %s %s", e.Name(), cmp.Or(result[e.Name()], "did not end"), says[e.Name()])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, want, got, "testdata/lacking.txt says what does not pass in the page")
	assert.LessOrEqual(t, 10*len(got), len(experiments), "experiments that don't pass in the page")
}
