package reportpage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/chromium"
)

// patience is how long a page may take for anything that a test asks of it.
const patience = time.Minute

// tab shows one page.
type tab struct{ *chromium.Tab }

// open shows a page in a tab of its own. At the end of the test, the page must have made no requests, and the console must be
// empty.
func open(t *testing.T, browser context.Context, url string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	tb := openUnwatched(t, browser, url, before...)
	t.Cleanup(func() {
		for _, asked := range tb.Asked() {
			assert.Equal(t, withoutPlace(url), withoutPlace(asked), "no request should leave the page")
		}
		assert.Empty(t, tb.Complaints(), "the console should be empty")
	})
	return tb
}

func openUnwatched(t *testing.T, browser context.Context, url string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	return &tab{chromium.Open(t, browser, patience, url, before...)}
}

// withoutPlace is the URL of a document, without the fragment and without the state of its filters.
func withoutPlace(url string) string {
	document, _, _ := strings.Cut(url, "#")
	document, _, _ = strings.Cut(document, "?")
	return document
}

func value[T any](tb *tab, expression string) T {
	tb.Helper()
	return chromium.Value[T](tb.Tab, expression)
}

func (tb *tab) reload() {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`location.reload()`)))
	require.NoError(tb, err)
}

func (tb *tab) click(selector string) {
	tb.Helper()
	x, y := tb.Middle(selector)
	tb.Do(chromedp.MouseClickXY(x, y))
}

func (tb *tab) width(pixels int64) { tb.Do(chromedp.EmulateViewport(pixels, 900)) }

func inColors(scheme string) chromedp.Action[chromedp.Void] {
	return chromium.Call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

func withoutScript() chromedp.Action[chromedp.Void] {
	return chromium.Call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}
