package site_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/siteserver"
)

// Links between pages work in a browser.
func TestLinksInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	server := httptest.NewServer(siteserver.Handler(withoutMachine(t)))
	t.Cleanup(server.Close)
	for name, does := range map[string]func(t *testing.T, browser context.Context, origin string){
		"from page to page":    pagesFollow,
		"within a page":        placesStay,
		"the last link counts": lastLinkCounts,
	} {
		t.Run(name, func(t *testing.T) { does(t, browser, server.URL) })
	}
}

// pagesFollow goes to a page, back, and forward. The document stays the same, so a machine would continue to run.
func pagesFollow(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/index.html")
	tb.Await(`!document.getElementById("search").hidden`)
	tb.run(`window.isSame = true`)
	const (
		home       = `document.querySelector(".labs")`
		list       = `document.querySelector(".experiments")`
		experiment = `document.getElementById("run")?.hidden === false`
	)
	for range 2 { // the first link, and one after it
		tb.click(`.labs a`)
		tb.Await(list + ` && location.pathname.endsWith("/lab01_timeout/index.html")`)
		tb.run(`history.back()`)
		tb.Await(home)
	}
	tb.run(`history.forward()`)
	tb.Await(list)
	tb.click(`.experiments a`)
	tb.Await(experiment)
	tb.run(`history.back()`)
	tb.Await(list)
	tb.click(`.experiments a`)
	tb.Await(experiment)
	tb.run(`history.go(-2)`)
	tb.Await(home)
	assert.True(t, value[bool](tb, `window.isSame`))
	assert.Empty(t, tb.Complaints())
}

// placesStay goes to anchors within a page. A link of the search is one, too. What the page has drawn stays.
func placesStay(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/index.html")
	tb.Await(`!document.getElementById("search").hidden`)
	tb.click(`.bar a[href="symptoms.html"]`)
	tb.Await(`document.querySelector(".symptom") && !document.getElementById("search").hidden`)
	for _, words := range []string{"", "broken pipe"} {
		if words != "" {
			tb.run(`document.getElementById("words").value = "` + words + `"; document.querySelector("#search button").click()`)
			tb.Await(`location.search && document.querySelector(".matches")`)
		}
		tb.run(`document.querySelector("main").dataset.isSame = "true"
			const link = document.createElement("a")
			link.href = "#found"
			document.querySelector("main").append(link)
			const came = new Promise(came => addEventListener("popstate", came, { once: true }))
			link.click()
			await came
			await fetch(location.href) // takes longer than the site would need to show this page again
			await new Promise(over => setTimeout(over, 500))`)
		assert.Equal(t, "#found", value[string](tb, `location.hash`))
		assert.Equal(t, "true", value[string](tb, `document.querySelector("main").dataset.isSame ?? ""`), "the page after a search for %q", words)
	}
	assert.Empty(t, tb.Complaints())
}

// lastLinkCounts follows two links, and the page of the first one comes late.
func lastLinkCounts(t *testing.T, browser context.Context, _ string) {
	const late = "/claims.html"
	var isWanted atomic.Bool
	files := siteserver.Handler(withoutMachine(t))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == late {
			for !isWanted.Load() && r.Context().Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	tb := open(t, browser, server.URL, "/index.html")
	tb.Await(`!document.getElementById("search").hidden`)
	tb.click(`.bar a[href="claims.html"]`)
	tb.click(`.bar a[href="exercises.html"]`)
	tb.Await(`document.querySelector(".exercise")`)
	isWanted.Store(true)
	tb.run(`await fetch("` + late + `"); await new Promise(over => setTimeout(over, 500))`)
	assert.Equal(t, "/exercises.html", value[string](tb, `location.pathname`))
	assert.True(t, value[bool](tb, `Boolean(document.querySelector(".exercise"))`), "the page of the link that was followed last")
	tb.run(`history.back()`)
	tb.Await(`document.querySelector(".labs")`)
}
