package site_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/siteserver"
)

// harmless is an experiment that asks something, and takes no time.
const harmless = "lab01_timeout/TestCancelAfterDialDoesNoHarm"

// asking is the experiment harmless.
func asking(t *testing.T) catalog.Experiment {
	t.Helper()
	experiments, err := loaded()
	require.NoError(t, err)
	for _, e := range experiments {
		if e.Name() == harmless {
			require.NotEmpty(t, e.Question)
			return e
		}
	}
	t.Fatalf("there is no %s", harmless)
	return catalog.Experiment{}
}

const (
	isCovered = `document.getElementById("recorded").hidden && document.getElementById("question").checkVisibility()`
	isOpen    = `[...document.querySelectorAll("#question input")].every(i => i.matches(":enabled"))`
	isClosed  = `[...document.querySelectorAll("#question input")].every(i => i.matches(":disabled"))`
)

// guess answers the question of the page.
func (tb *browserTab) guess(selector string) {
	tb.Helper()
	tb.Await(isCovered + " && " + isOpen)
	tb.click(`#question input` + selector)
	tb.click(`#guess`)
}

// A visitor can answer questions on a site that can't run experiments.
func TestPredictionInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	for name, does := range map[string]func(t *testing.T, browser context.Context, origin string){
		"a guess counts":           predictionCounts,
		"choosing is no guess":     choiceIsNoGuess,
		"an answer is no guess":    answerIsNoGuess,
		"the next one starts over": scoreStartsOver,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(siteserver.Handler(withoutMachine(t))) // so each subtest has a score of its own
			t.Cleanup(server.Close)
			does(t, browser, server.URL)
		})
	}
}

// predictionCounts answers a question. The recorded run is hidden before, and visible afterward, even after the page is reloaded.
func predictionCounts(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/"+harmless+".html")
	tb.guess(`[data-right]`)
	tb.Await(`!document.getElementById("recorded").hidden && ` + isClosed)
	assert.Contains(t, tb.Text("#answered"), asking(t).Right)
	assert.Equal(t, "1 of 1 predictions were right", tb.Text("#score"))
	tb.Do(chromedp.Reload())
	tb.Await(`document.getElementById("answered")?.textContent.includes("You were right") && ` + isClosed)
	assert.Empty(t, tb.Complaints())
}

// choiceIsNoGuess moves through the answers by arrow keys, which choose each answer on the way. Only the last one counts.
func choiceIsNoGuess(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/"+harmless+".html")
	tb.Await(isCovered + " && " + isOpen)
	tb.click(`#guess`) // without a choice, it is not a guess
	for _, choice := range []string{"[data-right]", ":not([data-right])"} {
		tb.click(`#question input` + choice)
		assert.True(t, value[bool](tb, isCovered+" && "+isOpen))
		assert.False(t, value[bool](tb, `document.getElementById("score").checkVisibility()`))
	}
	tb.click(`#guess`)
	tb.Await(`document.getElementById("answered").textContent.startsWith("✗ Not so")`)
	assert.Equal(t, "0 of 1 predictions were right", tb.Text("#score"))
}

// answerIsNoGuess shows the answer. Then the question is closed and does not count, even after the page is reloaded.
func answerIsNoGuess(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/"+harmless+".html")
	tb.Await(isCovered + " && " + isOpen)
	tb.click(`#cover button`)
	for range 2 {
		tb.Await(`!document.getElementById("recorded").hidden && ` + isClosed)
		assert.Equal(t, "The answer: "+asking(t).Right+".", tb.Text("#answered"))
		assert.Zero(t, value[int](tb, `document.querySelectorAll("#question :checked").length`))
		assert.Equal(t, "No prediction counts yet", tb.Text("#score"))
		tb.Do(chromedp.Reload())
	}
	assert.Empty(t, tb.Complaints())
}

// scoreStartsOver resets the score, for the next person at the same computer.
func scoreStartsOver(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, "/"+harmless+".html")
	assert.False(t, value[bool](tb, `document.getElementById("start-over").checkVisibility()`), "nothing is kept")
	tb.guess(`:not([data-right])`)
	tb.Await(isClosed)
	tb.run(`window.isSame = true; window.confirm = () => false`)
	tb.click(`#start-over`)
	assert.True(t, value[bool](tb, isClosed), "somebody has thought better of it")
	tb.run(`window.confirm = () => true`)
	tb.click(`#start-over`)
	tb.guess(`[data-right]`)
	tb.Await(isClosed)
	assert.Equal(t, "1 of 1 predictions were right", tb.Text("#score"))
	assert.True(t, value[bool](tb, `window.isSame`), "the machine goes on")
	assert.Empty(t, tb.Complaints())
}
