package site_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/pagemachine"
	"socketlabs/labs/internal/siteserver"
)

// mostOfMachine is what a page may load to run its first experiment, in bytes.
const mostOfMachine = 25_000_000

// withMachine writes a site whose pages run experiments, and returns its folder.
func withMachine(t *testing.T) string {
	t.Helper()
	skip.UnlessChecking(t, "boots a Linux machine in WebAssembly")
	if missing := pagemachine.Missing(); missing != "" {
		skip.Needs(t, "the machine of the page", missing)
	}
	experiments, err := loaded()
	require.NoError(t, err)
	machine, err := pagemachine.Make(t.Context(), root, names.Labs(experiments), func(doing string) { t.Log(doing) })
	require.NoError(t, err)
	dir := filepath.Join(scratch, "with")
	require.NoError(t, write(dir, machine))
	return dir
}

// Experiments run in pages.
func TestMachineInBrowser(t *testing.T) {
	dir := withMachine(t)
	browser := chromium.Start(t)
	server := httptest.NewServer(siteserver.Handler(dir))
	t.Cleanup(server.Close)
	for _, test := range []struct {
		name string
		does func(t *testing.T, browser context.Context, origin string)
	}{
		{"is light enough", func(t *testing.T, _ context.Context, _ string) { assertLight(t, dir) }},
		{"one experiment after another", experimentsRun},
		{"step by step", stepsShowOneEvent},
		{"pictures that grow", growingPicturesAreWalked},
		{"slow motion", slowMotionIsSlow},
		{"hours in seconds", hoursTakeSeconds},
		{"settings are measured", settingsAreMeasured},
		{"a first visit", func(t *testing.T, browser context.Context, _ string) { firstVisitKeepsAll(t, browser, dir) }},
		{"without a network", func(t *testing.T, browser context.Context, _ string) { runsWithoutNetwork(t, browser, dir) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.does(t, browser, server.URL) })
	}
}

func assertLight(t *testing.T, dir string) {
	total := int64(0)
	entries, err := os.ReadDir(filepath.Join(dir, "machine"))
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		t.Logf("%s: %d bytes", entry.Name(), info.Size())
		total += info.Size()
	}
	assert.Less(t, total, int64(mostOfMachine), "the machine's files")
}

const vanished = "/lab03_keepalive/TestVanishedPeerOnTheWire.html"

const (
	aSegment = `document.querySelectorAll("#live .segment").length > 0`
	isOver   = `document.getElementById("run").dataset.result`
)

// start starts the experiment of the page.
func (tb *browserTab) start(pace string) {
	tb.Helper()
	tb.Await(`!document.getElementById("run").hidden`)
	tb.run(`document.querySelector('[value=` + pace + `]').click(); document.getElementById("go").click()`)
}

func (tb *browserTab) assertPassed() {
	tb.Helper()
	tb.Await(isOver)
	assert.Equal(tb, "pass", value[string](tb, isOver), tb.Text("#state"))
}

// experimentsRun runs an experiment, and then an experiment of another lab on the same machine.
func experimentsRun(t *testing.T, browser context.Context, origin string) {
	begun := time.Now()
	tb := open(t, browser, origin, vanished)
	tb.Await(`!document.getElementById("run").hidden`)
	t.Logf("usable after %v", time.Since(begun))
	begun = time.Now()
	tb.start("real")
	tb.Await(`document.querySelector("#live svg")`)
	t.Logf("first line after %v", time.Since(begun))
	tb.assertPassed()
	t.Logf("over after %v", time.Since(begun))
	begun = time.Now()
	tb.start("real")
	tb.assertPassed()
	t.Logf("once more, on the machine that is there: over after %v", time.Since(begun))
	tb.Await(aSegment)
	assert.Contains(t, tb.Text("#live"), "keepalive probe")
	assert.Contains(t, tb.Text("#live"), "connection timed out")

	tb.run(`document.querySelector('.bar a[href*="lab01"]').click()`)
	tb.Await(`document.querySelector(".experiments")`)
	tb.run(`document.querySelector('a[href="TestReadDeadlineFreesReader.html"]').click()`)
	tb.Await(`document.getElementById("run")?.dataset.test === "TestReadDeadlineFreesReader"`)
	assert.True(t, value[bool](tb, `document.getElementById("weight").hidden`), "the machine is there")
	begun = time.Now()
	tb.start("real")
	tb.click(`.skip`) // a link to an anchor on this page: the run continues
	tb.assertPassed()
	t.Logf("the other one: over after %v", time.Since(begun))
	assert.Empty(t, tb.Complaints())
}

const said = `document.querySelectorAll("#live .picture :is(.words, .meaning)").length`

// next clicks for the next event, and waits until it is in the picture.
func (tb *browserTab) next() {
	tb.Helper()
	n := value[int](tb, said)
	tb.click("#next")
	tb.Await(said + ` > ` + strconv.Itoa(n))
}

// stepsShowOneEvent shows one event after another.
func stepsShowOneEvent(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, vanished)
	tb.start("step")
	tb.Await(said + ` > 0`)
	first := value[int](tb, said)
	before := value[string](tb, `document.getElementById("clock").value`)
	tb.run(`await new Promise(over => setTimeout(over, 1000))`)
	assert.Equal(t, first, value[int](tb, said), "nothing goes on until it is asked")
	assert.Equal(t, before, value[string](tb, `document.getElementById("clock").value`), "the machine's time stands still")
	for range 4 {
		tb.next()
	}
	tb.run(`document.querySelector('[value=virtual]').click()`)
	tb.assertPassed()
}

// slowMotionIsSlow compares real time with the machine's time.
func slowMotionIsSlow(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, vanished)
	tb.start("slow")
	tb.Await(`document.querySelector("#live svg")`)
	clock := func() float64 {
		return value[float64](tb, `parseFloat(document.getElementById("clock").value)`)
	}
	from, begun := clock(), time.Now()
	time.Sleep(5 * time.Second)
	to, passed := clock(), time.Since(begun).Seconds()
	assert.LessOrEqual(t, to-from, passed/10+0.3, "seconds of the machine's in %.1f s of ours", passed) // the page shows the clock ten times a second
	assert.Greater(t, to, from)
	tb.click("#stop")
	tb.Await(isOver + ` === "stopped"`)
}

// hoursTakeSeconds waits for the system's keepalive of two hours.
func hoursTakeSeconds(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/lab03_keepalive/TestSystemSettingsTakeOverTwoHours.html")
	begun := time.Now()
	tb.start("virtual")
	tb.assertPassed()
	t.Logf("over after %v", time.Since(begun))
	const least = 7200 + 9*75 // seconds
	assert.GreaterOrEqual(t, value[float64](tb, `parseFloat(document.getElementById("clock").value)`), float64(least))
}

// settingsAreMeasured makes the kernel try one failure, then another one, and shows the first one again. If the settings change
// during a run, the page does not show its result.
func settingsAreMeasured(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/decisions.html#keepalive=1s,1s,2")
	const row = `[data-failure="host vanishes, idle"]`
	tb.Await(`document.querySelector('` + row + ` button') && document.getElementById("idle").value === "1"`)
	tb.click(row + " button")
	tb.Await(`document.getElementById("state").textContent.startsWith("✓")`)
	var after float64
	_, err := fmt.Sscanf(tb.Text(row+" td:last-child"), "ETIMEDOUT after %f s, by keepalive", &after)
	require.NoError(t, err, tb.Text(row))
	const nominal, tick = 3, 0.004
	assert.GreaterOrEqual(t, after, nominal-tick, "seconds")
	tb.Await(aSegment)

	const other, isOther = `[data-failure="process is killed"]`, `document.querySelector('#live [data-of$="/process_is_killed"] svg')`
	tb.click(other + " button")
	tb.Await(`document.querySelector('` + other + ` button').textContent === "Show"`)
	tb.Await(isOther)
	tb.run(`document.querySelector("#live [data-of]").dataset.isSame = "true"`)
	tb.click(other + " button")
	assert.True(t, value[bool](tb, `Boolean(document.querySelector("#live [data-is-same]"))`), "a picture that is there is shown as it is")
	tb.click(row + " button")
	tb.Await(`document.querySelector('#live [data-of$="/host_vanishes,_idle"] svg') && document.getElementById("state").textContent.startsWith("✓")`)

	const measured = `document.querySelector('` + row + ` td:last-child').textContent`
	tb.run(`document.getElementById("idle").value = "2"
		document.getElementById("idle").dispatchEvent(new Event("input", { bubbles: true }))`)
	tb.Await(measured + `.trim() === "Measure"`)
	tb.run(`document.querySelector('` + row + ` button').click()
		document.getElementById("idle").value = "1"
		document.getElementById("idle").dispatchEvent(new Event("input", { bubbles: true }))`)
	tb.Await(`document.getElementById("state").textContent.includes("changed")`)
	assert.Equal(t, "Measure", strings.TrimSpace(value[string](tb, measured)), "of the new settings")
	assert.Empty(t, tb.Complaints())
}

// runsWithoutNetwork stops the server after everything was loaded once.
func runsWithoutNetwork(t *testing.T, browser context.Context, dir string) {
	server := httptest.NewServer(siteserver.Handler(dir))
	t.Cleanup(server.Close)
	tb := open(t, browser, server.URL, "/index.html")
	tb.run(`await navigator.serviceWorker.ready; while (!navigator.serviceWorker.controller) await new Promise(r => setTimeout(r, 20))`)
	tb.Do(chromedp.Navigate(server.URL + vanished))
	tb.start("virtual")
	tb.assertPassed()
	tb.Await(isKept)
	server.Close()
	tb.Do(chromium.Call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}))
	tb.Do(chromedp.Navigate(server.URL + "/lab01_timeout/TestReadDeadlineFreesReader.html"))
	tb.start("virtual")
	tb.assertPassed()
}
