package site_test

import (
	"cmp"
	_ "embed"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/siteserver"
)

// lacking lists the experiments that the page's machine can't show, and why, a line for each.
//
//go:embed testdata/lacking.txt
var lacking string

// runLab runs all tests of a lab in the page, in virtual time, and returns what the page shows of each.
const runLab = `(async (origin, lab) => {
	const { run } = await import(origin + "/assets/guest.js")
	const [live, state, clock] = ["div", "p", "output"].map(name => document.createElement(name))
	const { stopped, status, tests } = await run({ lab, args: ["-test.parallel=8"], pace: "virtual", live, state, clock })
	return { Stopped: stopped ?? "", Status: status ?? -1, Tests: tests }
})(%q, %q)`

// At least nine of ten experiments pass in the page. A list has the others, each with the reason.
func TestWhatPassesInThePage(t *testing.T) {
	dir := withMachine(t)
	server := httptest.NewServer(siteserver.Handler(dir))
	t.Cleanup(server.Close)
	browser := chromium.Start(t)
	experiments, err := loaded()
	require.NoError(t, err)
	var listed []string
	for line := range strings.Lines(lacking) {
		if name, _, isEntry := strings.Cut(line, ": "); isEntry && !strings.HasPrefix(line, "#") {
			listed = append(listed, name)
		}
	}
	require.LessOrEqual(t, 10*len(listed), len(experiments), "experiments that don't pass in the page")
	for _, lab := range names.Labs(experiments) {
		t.Run(lab, func(t *testing.T) {
			ran := value[struct {
				Stopped string
				Status  int
				Tests   []struct{ Test, Result, Says string }
			}](open(t, browser, server.URL, "/index.html"), fmt.Sprintf(runLab, server.URL, lab))
			assert.Empty(t, ran.Stopped)
			assert.Zero(t, ran.Status, "the status of the test binary")
			result := make(map[string]string)
			for _, shown := range ran.Tests {
				result[lab+"/"+shown.Test] = shown.Result
				if shown.Result != gotest.Pass {
					t.Logf("%s: %s: %s", shown.Test, cmp.Or(shown.Result, "did not end"), shown.Says)
				}
			}
			for _, e := range experiments {
				if e.Lab == lab {
					assert.Equal(t, !slices.Contains(listed, e.Name()), result[e.Name()] == gotest.Pass,
						"whether %s passes; testdata/lacking.txt lists what does not", e.Test)
				}
			}
		})
	}
}
