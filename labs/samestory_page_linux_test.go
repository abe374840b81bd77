package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/pagemachine"
	"socketlabs/labs/internal/site"
	"socketlabs/labs/internal/siteserver"
	"socketlabs/labs/internal/timemachine"
)

// An experiment leaves the same records in a page of the site, in QEMU, and on this machine. Only times, ports and what depends on
// them differ.
func TestSameStoryInThePage(t *testing.T) {
	skip.UnlessChecking(t, "runs experiments in a browser, in QEMU, and on this machine")
	if missing := pagemachine.Missing(); missing != "" {
		skip.Needs(t, "the machine of the page", missing)
	}
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	browser := chromium.Start(t)
	origin := siteWithMachine(t)
	for _, experiment := range []string{
		"lab01_timeout/TestTimedOutReadLosesNothing",
		"lab03_keepalive/TestVanishedPeerOnTheWire",
		"lab03_keepalive/TestRebootedPeerAnswersFirstProbeWithReset",
	} {
		t.Run(experiment, func(t *testing.T) {
			lab, name, _ := strings.Cut(experiment, "/")
			dir := t.TempDir()
			native := left(t, dir, exec.CommandContext(t.Context(),
				"go", "test", "-count=1", "-run", "^"+name+"$", "-artifacts", "-outputdir", dir, "../"+lab))
			want := same(native)
			assert.Empty(t, cmp.Diff(want, same(inGuest(t, experiment))), "(-this machine +QEMU)")
			page := inPage(t, browser, origin, experiment)
			require.Empty(t, cmp.Diff(want, same(page)), "(-this machine +page)")
			const late = time.Second // the page's processor is slow, and its timers have ticks of 4 ms
			for i, e := range page.Events {
				assert.Less(t, e.At, native.Events[i].At+late, "%+v", want[i])
			}
		})
	}
}

// siteWithMachine is the URL of a site whose pages run the experiments.
func siteWithMachine(t *testing.T) (origin string) {
	t.Helper()
	experiments, err := catalog.Load("..")
	require.NoError(t, err)
	machine, err := pagemachine.Make(t.Context(), "..", names.Labs(experiments), func(doing string) { t.Log(doing) })
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, site.Write(t.Context(), dir, site.Content{Root: "..", Experiments: experiments, Machine: machine}))
	server := httptest.NewServer(siteserver.Handler(dir))
	t.Cleanup(server.Close)
	return server.URL
}

// runAndOverhear runs the experiment of the page, and returns its result, and everything that the machine sent to the page.
const runAndOverhear = `(async () => {
	const until = async (isSo) => { while (!isSo()) await new Promise((look) => setTimeout(look, 20)) }
	let told = ""
	window.Worker = class extends Worker {
		constructor(...how) {
			super(...how)
			this.addEventListener("message", ({ data }) => (told += data.text ?? ""))
		}
	}
	const run = document.getElementById("run")
	await until(() => !run.hidden)
	run.querySelector("[value=virtual]").click()
	run.querySelector("#go").click()
	await until(() => run.dataset.result)
	return run.dataset.result + "\n" + told
})()`

// inPage runs an experiment in its page, and returns the story.
func inPage(t *testing.T, browser context.Context, origin, experiment string) story.Record {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser)
	defer closeTab()
	ctx, giveUp := context.WithTimeout(ctx, 5*time.Minute)
	defer giveUp()
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(fmt.Sprintf("%s/%s.html", origin, experiment))))
	all, err := chromedp.Run(ctx, chromedp.Evaluate[string](runAndOverhear, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	result, told, _ := strings.Cut(all, "\n")
	require.Equal(t, "pass", result, told)

	_, name, _ := strings.Cut(experiment, "/")
	record := story.Record{Test: name, Result: result}
	var decoder story.Decoder
	for line := range strings.Lines(told) {
		_, attribute, isOne := strings.Cut(strings.TrimSuffix(line, "\n"), "=== ATTR  "+name+" ")
		if !isOne {
			continue
		}
		key, text, _ := strings.Cut(attribute, " ")
		e, isWhole, err := decoder.Attribute(key, text)
		require.NoError(t, err)
		if isWhole {
			record.Events = append(record.Events, e)
		}
	}
	return record
}
