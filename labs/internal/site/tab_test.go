package site_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/chromium"
)

// patience is how long a page may take for anything, on a busy machine.
const patience = 10 * time.Minute

// browserTab shows a page of the site.
type browserTab struct{ *chromium.Tab }

// open shows a page in a tab of its own. At the end of the test, the page must have made requests only to the site.
func open(t *testing.T, browser context.Context, origin, page string) *browserTab {
	t.Helper()
	tb := &browserTab{chromium.Open(t, browser, patience, origin+page, chromedp.EmulateViewport(1280, 900))}
	t.Cleanup(func() {
		for _, asked := range tb.Asked() {
			assert.True(t, strings.HasPrefix(asked, origin) || strings.HasPrefix(asked, "about:"), "asked for %s", asked)
		}
	})
	return tb
}

func value[T any](tb *browserTab, expression string) T {
	tb.Helper()
	return chromium.Value[T](tb.Tab, expression)
}

// run runs a script, and waits for the promise that it returns.
func (tb *browserTab) run(script string) {
	tb.Helper()
	tb.Run(`(async () => { ` + script + ` })()`)
}

func (tb *browserTab) click(selector string) {
	tb.Helper()
	tb.run(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

// assertForEverybody makes axe-core check the page in its current state.
func (tb *browserTab) assertForEverybody(where string) {
	tb.Helper()
	value[any](tb, chromium.Axe(tb.T)+"; true")
	assert.Empty(tb, value[[]string](tb, `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
		v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + ": " + n.html.slice(0, 200))))`), where)
}
