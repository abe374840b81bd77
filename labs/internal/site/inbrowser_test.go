package site_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/find"
	"socketlabs/labs/internal/siteserver"
)

// The parts of the site that need no machine work in a browser.
func TestSiteInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	server := httptest.NewServer(siteserver.Handler(withoutMachine(t)))
	t.Cleanup(server.Close)
	for name, does := range map[string]func(t *testing.T, browser context.Context, origin string){
		"finds what labs find finds": searchFinds,
		"settings":                   settingsAreTried,
		"hostile links":              hostileLinksAreRefused,
		"for everybody":              nothingKeepsPeopleOut,
		"a new version":              newVersionIsNew,
		"pictures":                   segmentsShowTheirFields,
	} {
		t.Run(name, func(t *testing.T) { does(t, browser, server.URL) })
	}
}

// searchFinds searches for the queries of package find's tests, and compares the order of the results.
func searchFinds(t *testing.T, browser context.Context, origin string) {
	experiments, err := loaded()
	require.NoError(t, err)
	index := find.NewIndex(root, experiments)
	queries, err := os.ReadFile("../find/testdata/queries.txt")
	require.NoError(t, err)
	tb := open(t, browser, origin, "/symptoms.html")
	var asked []string
	want := make(map[string][]string)
	for line := range strings.Lines(string(queries)) {
		words, _, _ := strings.Cut(strings.TrimSpace(line), " = ")
		asked = append(asked, words)
		want[words] = []string{}
		for _, m := range index.Find(words) {
			want[words] = append(want[words], m.Name)
		}
	}
	text, err := json.Marshal(asked)
	require.NoError(t, err)
	got := value[map[string][]string](tb, fmt.Sprintf(`(async queries => {
		const { compute } = await import(%q)
		const found = {}
		for (const q of queries) found[q] = (await compute("find", q)).map(m => m.experiment)
		return found
	})(%s)`, origin+"/assets/go.js", text))
	assert.Equal(t, want, got)

	tb.run(`document.getElementById("words").value = "broken pipe"; document.querySelector("#search button").click()`)
	tb.Await(`document.querySelectorAll(".matches li").length > 0`)
	first := index.Find("broken pipe")[0].Name
	assert.Contains(t, value[string](tb, `document.querySelector(".matches a").href`), first+".html")
	assert.Contains(t, value[string](tb, `location.search`), "broken")
}

// settingsAreTried moves sliders, and compares the table with the rule. A link to the settings shows the same table.
func settingsAreTried(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/decisions.html")
	tb.Await(`document.querySelectorAll("#rows tr").length > 0`)
	const vanished = `document.querySelector('[data-failure="host vanishes, idle"] td')?.textContent`
	assert.Equal(t, "waiting", value[string](tb, vanished))
	tb.run(`for (const [name, value] of [["idle", 4], ["interval", 1]]) {
		const slider = document.querySelector('[data-for="' + name + '"]')
		slider.value = value
		slider.dispatchEvent(new Event("input", { bubbles: true }))
	}
	const count = document.getElementById("count")
	count.value = "3"
	count.dispatchEvent(new Event("input", { bubbles: true }))`)
	failure, _ := rule.FailureNamed("host vanishes, idle")
	settings := rule.Settings{Keepalive: rule.Keepalive{Idle: 5 * time.Second, Interval: 1 * time.Second, Count: 3}}
	want := rule.Expect(settings, rule.Default(), failure)
	require.Equal(t, "ETIMEDOUT", want.Outcome)
	tb.Await(vanished + ` === "ETIMEDOUT after 8 s, by keepalive"`)
	assert.Equal(t, 8*time.Second, want.Nominal)

	link := value[string](tb, `location.hash`)
	assert.Equal(t, "#keepalive=5s,1s,3", link)
	other := open(t, browser, origin, "/decisions.html"+link)
	other.Await(vanished + ` === "ETIMEDOUT after 8 s, by keepalive"`)
	assert.Equal(t, "5", value[string](other, `document.getElementById("idle").value`))

	tb.run(`location.hash = "#keepalive=2s,1s,3"`) // as if somebody pasted a link
	tb.Await(vanished + ` === "ETIMEDOUT after 5 s, by keepalive"`)
	assert.Equal(t, "2", value[string](tb, `document.getElementById("idle").value`))
	tb.run(`location.hash = "#keepalive=-1s"`)
	tb.Await(`document.getElementById("refused").textContent.startsWith("The link has no settings")`)
	assert.Equal(t, "#keepalive=2s,1s,3", value[string](tb, `location.hash`), "the address holds what the table is about")
	tb.run(`location.hash = "#yours"`) // an anchor on the page
	tb.run(`location.hash = "#read-timeout=3s"`)
	tb.Await(`document.getElementById("read-timeout").value === "3" && document.getElementById("refused").textContent === ""`)
	assert.Empty(t, value[string](tb, `document.getElementById("idle").value`))
	tb.run(`history.go(-4)`)
	tb.Await(vanished + ` === "ETIMEDOUT after 8 s, by keepalive"`)
	assert.Equal(t, "#keepalive=5s,1s,3", value[string](tb, `location.hash`))

	assert.Zero(t, value[int](tb, `document.querySelectorAll("#rows button").length`), "what a page without a machine measures")
	tb.run(`document.getElementById("settings").requestSubmit()`)
	assert.Empty(t, tb.Text("#refused"))
	assert.Empty(t, tb.Complaints())
}

// hostileLinksAreRefused opens links without valid settings, as a stranger may send them.
func hostileLinksAreRefused(t *testing.T, browser context.Context, origin string) {
	for _, fragment := range []string{
		"keepalive=<img src=x onerror=alert(1)>",
		"constructor=1s&__proto__=2s",
		"user-timeout=-5s",
		"keepalive=1s,1s,1000000000",
		"read-timeout=" + strings.Repeat("9", 10_000) + "h",
		"test.run=^TestX$",
		"keepalive=%00%ff,1s,3",
	} {
		tb := open(t, browser, origin, "/decisions.html#"+fragment)
		tb.Await(`document.getElementById("refused").textContent.startsWith("The link has no settings")`)
		tb.Await(`document.querySelectorAll("#rows tr").length > 0`)
		assert.Empty(t, value[string](tb, `location.hash`), "%.40s", fragment)
		assert.Zero(t, value[int](tb, `document.querySelectorAll("main img, main script").length`), "%.40s", fragment)
		assert.Empty(t, value[string](tb, `[...document.querySelectorAll(".setting input:not([type=range])")].map(i => i.value).join("")`))
		assert.Empty(t, tb.Complaints())
	}
}

// nothingKeepsPeopleOut makes axe-core check a page of each kind, in each width and color scheme.
func nothingKeepsPeopleOut(t *testing.T, browser context.Context, origin string) {
	for _, page := range []string{"index", "symptoms", "decisions", "claims", "exercises", "lab03_keepalive/index",
		"lab03_keepalive/TestVanishedPeerOnTheWire", "lab04_compare/TestDecisionTable", "lab04_compare/TestYourSettings"} {
		tb := open(t, browser, origin, "/"+page+".html")
		tb.Await(`document.querySelector(".bar [aria-current], #run:not([hidden])")`)
		tb.run(`document.querySelector("#cover:not([hidden]) button")?.click()`)
		for _, colors := range []string{"light", "dark"} {
			features := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colors}}}
			tb.Do(chromium.Call(emulation.SetEmulatedMedia, features))
			for _, width := range []int64{360, 1280, 1920} {
				tb.Do(chromedp.EmulateViewport(width, 900))
				tb.assertForEverybody(fmt.Sprintf("%s, %s, %d pixels", page, colors, width))
				assert.LessOrEqual(t, value[int](tb, `document.documentElement.scrollWidth`), int(width), "%s is wider than the window", page)
			}
		}
	}
}
