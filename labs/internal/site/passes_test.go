package site_test

import (
	_ "embed"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/chromium"
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
	const ended = await run({ lab, args: ["-test.parallel=8"], pace: "virtual", live, state, clock })
	return ended.stopped ? [{ Test: ended.stopped }] : ended.tests
})(%q, %q)`

// TestWhatPassesInThePage runs all experiments in the page. Nine of ten pass, at least; the list says which do not, and why.
func TestWhatPassesInThePage(t *testing.T) {
	dir := withMachine(t)
	server := httptest.NewServer(static.Handler(dir))
	t.Cleanup(server.Close)
	browser := chromium.Start(t)
	experiments, err := loaded()
	require.NoError(t, err)
	var want, got []string
	for line := range strings.Lines(lacking) {
		if name, _, isEntry := strings.Cut(strings.TrimSpace(line), ": "); isEntry && !strings.HasPrefix(line, "#") {
			want = append(want, name)
		}
	}
	says := make(map[string]string)
	for _, lab := range names.Labs(experiments) {
		begun := time.Now()
		tb := open(t, browser, server.URL, "/index.html")
		for _, shown := range value[[]struct{ Test, Result, Says string }](tb, fmt.Sprintf(runLab, server.URL, lab)) {
			if !strings.Contains(shown.Test, "/") && shown.Result != "pass" {
				name := lab + "/" + shown.Test
				got = append(got, name)
				says[name] = shown.Result + ": " + shown.Says
			}
		}
		t.Logf("%s: over after %v", lab, time.Since(begun))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what does not pass in the page is not what testdata/lacking.txt says (-want +got):\n%s", diff)
		for _, name := range got {
			t.Logf("%s: %s", name, says[name])
		}
	}
	assert.LessOrEqual(t, 10*len(got), len(experiments), "experiments that don't pass in the page")
}
