package site_test

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/siteserver"
)

// An experiment continues while another tab is in front. The browser treats the hidden page as a reader's browser does: its
// timers run once a second.
func TestGoesOnInBackground(t *testing.T) {
	server := httptest.NewServer(siteserver.Handler(withMachine(t)))
	t.Cleanup(server.Close)
	browser := chromium.Start(t,
		chromedp.Flag("disable-background-timer-throttling", false),
		chromedp.Flag("disable-backgrounding-occluded-windows", false),
		chromedp.Flag("disable-renderer-backgrounding", false))
	window, closeIt := chromedp.NewContext(browser, chromedp.WithNewWindow(false)) // a window in which one tab hides the others
	t.Cleanup(closeIt)
	for pace, page := range map[string]string{"real": vanished, "slow": "/lab01_timeout/TestReadDeadlineFreesReader.html"} {
		t.Run(pace, func(t *testing.T) {
			tb := open(t, window, server.URL, page)
			tb.start(pace)
			tb.Await(`document.querySelector("#live svg")`)
			open(t, window, server.URL, "/index.html")
			tb.Await(`document.hidden`)
			assert.Empty(t, value[string](tb, isOver+` ?? ""`), "it runs when the page is hidden")
			took := value[float64](tb, `(async () => {
				const begun = performance.now()
				for (let i = 0; i < 4; i++) await new Promise(over => setTimeout(over, 10))
				return performance.now() - begun
			})()`)
			assert.Greater(t, took, 2000.0, "milliseconds: timers of a hidden page wait for each other's second")
			tb.assertPassed()
		})
	}
}
