package site_test

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/siteserver"
)

// In one tab, a visitor can search, predict, run, change settings, go step by step, come again, and then do it without a
// network.
func TestJourney(t *testing.T) {
	server := httptest.NewServer(siteserver.Handler(withMachine(t)))
	t.Cleanup(server.Close)
	e := asking(t)
	tb := open(t, chromium.Start(t), server.URL, "/index.html")
	tb.Await(`!document.getElementById("search").hidden`)
	tb.run(`window.isSame = true
		document.getElementById("words").value = "` + e.Words() + `"
		document.querySelector("#search button").click()`)
	tb.Await(`document.querySelector('.matches a[href$="` + e.Test + `.html"]')`)
	tb.click(`.matches a[href$="` + e.Test + `.html"]`)

	tb.Await(`document.getElementById("run")?.dataset.test === "` + e.Test + `"`)
	tb.guess(`:not([data-right])`)
	tb.Await(isCovered + " && " + isClosed)
	assert.Equal(t, "Now run it, and see.", tb.Text("#answered"))
	tb.start("virtual")
	tb.assertPassed()
	answered := "✗ Not so: " + e.Right + "."
	assert.Equal(t, answered, tb.Text("#answered"))
	assert.True(t, value[bool](tb, `!document.getElementById("recorded").hidden`))

	tb.click(`.bar a[href$="decisions.html"]`)
	const row = `document.querySelector('[data-failure="host vanishes, idle"] td')?.textContent`
	tb.Await(row + ` === "waiting"`)
	tb.run(`const slider = document.querySelector('[data-for="idle"]')
		slider.value = 1
		slider.dispatchEvent(new Event("input", { bubbles: true }))`)
	tb.Await(row + `.startsWith("ETIMEDOUT")`)
	tb.run(`history.back()`)

	tb.Await(`document.getElementById("answered")?.textContent`)
	assert.Equal(t, answered, tb.Text("#answered"))
	tb.start("step")
	const said = `document.querySelectorAll("#live .picture :is(.words, .meaning)").length`
	tb.Await(said + ` > 0`)
	tb.run(`window.said = ` + said)
	tb.click("#next")
	tb.Await(said + ` > window.said`)
	tb.run(`document.querySelector('[value=virtual]').click()`)
	tb.assertPassed()
	assert.True(t, value[bool](tb, `window.isSame`), "one machine has done all of it")

	tb.Await(`caches.keys().then(async names => (await (await caches.open(names[0])).keys()).length > 200)`) // after "keep all", every page is kept
	for _, isOnline := range []bool{true, false} {
		if !isOnline {
			server.Close()
			tb.Do(chromium.Call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}))
		}
		tb.Do(chromedp.Reload())
		tb.Await(`document.getElementById("answered")?.textContent`)
		assert.Equal(t, answered, tb.Text("#answered"))
		assert.Equal(t, "0 of 1 predictions were right", tb.Text("#score"))
		tb.start("virtual")
		tb.assertPassed()
	}
}

// A visitor can run an experiment without answering its question.
func TestRunWithoutGuess(t *testing.T) {
	server := httptest.NewServer(siteserver.Handler(withMachine(t)))
	t.Cleanup(server.Close)
	tb := open(t, chromium.Start(t), server.URL, "/"+harmless+".html")
	tb.Await(isCovered + " && " + isOpen)
	tb.start("step")
	tb.Await(isClosed + ` && document.querySelector("#live svg")`) // once the answer is shown, nobody can guess
	tb.click("#stop")
	tb.Await(isOver + ` === "stopped"`)
	assert.True(t, value[bool](tb, isCovered+" && "+isClosed), "a part was seen")
	tb.start("virtual")
	tb.assertPassed()
	assert.Equal(t, "The answer: "+asking(t).Right+".", tb.Text("#answered"))
	assert.True(t, value[bool](tb, isClosed))
	tb.Do(chromedp.Reload())
	tb.Await(`document.getElementById("answered")?.textContent.startsWith("The answer")`)
	assert.True(t, value[bool](tb, isClosed))
	assert.Equal(t, "No prediction counts yet", tb.Text("#score"))
}
