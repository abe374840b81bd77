package reportpage_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asksNobody runs a script that sends requests to a stranger. From the page, it can't; as a control, from a page without a
// policy, it can.
func asksNobody(t *testing.T, browser context.Context, page string) {
	var asked atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(stranger.Close)
	ask := fmt.Sprintf(`(async stranger => {
		await fetch(stranger, { mode: 'no-cors' }).catch(() => {})
		await new Promise(over => {
			const image = new Image()
			image.onload = image.onerror = over
			image.src = stranger
		})
	})(%q)`, stranger.URL)

	elsewhere := filepath.Join(t.TempDir(), "elsewhere.html")
	require.NoError(t, os.WriteFile(elsewhere, []byte("<!doctype html><title>without a policy</title>"), 0o666))
	openUnwatched(t, browser, fileURL(t, elsewhere)).Run(ask)
	require.Positive(t, asked.Swap(0), "without the page's policy, scripts can ask")

	openUnwatched(t, browser, page).Run(ask)
	assert.Zero(t, asked.Load(), "requests that left the page")
}

func deepLinksOpen(t *testing.T, browser context.Context, page string) {
	for _, id := range []string{
		"lab03_keepalive",
		"lab01_timeout/TestReadDeadlineFreesReader",
		"lab04_compare/TestDecisionTable/host_vanishes,_idle/keepalive",
	} {
		open(t, browser, page+"#"+id).Await(inSight(id))
		open(t, browser, page+"#"+id, withoutScript()).Await(inSight(id)) // the browser itself unfolds what contains it
	}

	tb := open(t, browser, page)
	links := value[[]string](tb, `['nav a', '.claims td a', '.decisions td a', '.verdict a'].map(kind => {
		const all = document.querySelectorAll(kind)
		const link = all[Math.floor(all.length / 2)]
		link.dataset.test = kind
		return decodeURIComponent(link.hash.slice(1))
	})`)
	for i, kind := range []string{"nav a", ".claims td a", ".decisions td a", ".verdict a"} {
		tb.Run(fmt.Sprintf(`document.querySelector('[data-test="%s"]').click()`, kind))
		tb.Await(inSight(links[i]))
	}
}

// inSight is a condition: the top of the element is within the window.
func inSight(id string) string {
	return fmt.Sprintf(`(e => e.checkVisibility() && e.getBoundingClientRect().top >= -1 &&
		e.getBoundingClientRect().top < innerHeight)(document.getElementById(%q))`, id)
}

const (
	visible = `[...document.querySelectorAll('.experiment')].filter(e => e.checkVisibility())`
	shown   = `document.getElementById('shown').value`
)

func filtersFilter(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	all := value[int](tb, visible+`.length`)
	require.Greater(t, all, 100)

	for _, name := range value[[]string](tb, `[...document.querySelectorAll('#filters select')].map(s => s.name)`) {
		for _, choice := range value[[]string](tb, fmt.Sprintf(`[...%s.options].slice(1).map(o => o.value)`, control(name))) {
			tb.choose(name, choice)
			fitting := value[int](tb, fmt.Sprintf(`document.querySelectorAll('.experiment').values().filter(
				e => e.dataset[%q].split('|').includes(%q)).toArray().length`, name, choice))
			assertShown(tb, fitting, all, name+" "+choice)
		}
		tb.choose(name, "")
		assertShown(tb, all, all, name+" cleared")
	}

	tb.choose("lab", "lab03_keepalive")
	tb.choose("verdict", "refuted")
	both := value[int](tb, `document.querySelectorAll('.experiment[data-lab="lab03_keepalive"][data-verdict="refuted"]').length`)
	require.Positive(t, both)
	assertShown(tb, both, all, "two filters together")

	tb.reload()
	assertShown(tb, both, all, "after a reload")
	copied := value[string](tb, `location.href`)
	assertShown(open(t, browser, copied), both, all, "the address in another tab: "+copied)

	tb.click("#filters button")
	tb.Await(fmt.Sprintf(`%s.length === %d`, visible, all))
	assert.NotContains(t, value[string](tb, `location.href`), "?")

	tb.Press("/etimedout Vanish")
	tb.Await(visible + fmt.Sprintf(`.length < %d`, all))
	found := value[int](tb, visible+`.length`)
	require.Positive(t, found, "what is found")
	assertShown(tb, found, all, "search")
	assertNone(tb, visible+`.filter(e => !/etimedout/i.test(e.textContent) || !/vanish/i.test(e.textContent)).map(e => e.id)`,
		"experiments that don't say what is searched")
	tb.Press("no such word")
	tb.Await(visible + `.length === 0`)
	assertShown(tb, 0, all, "nothing")

	// A link to an experiment that a filter hides shows the experiment.
	tb.Run(`location.hash = 'lab01_timeout/TestReadDeadlineFreesReader'`)
	tb.Await(inSight("lab01_timeout/TestReadDeadlineFreesReader"))
}

func control(name string) string {
	return fmt.Sprintf(`document.querySelector('#filters [name=%s]')`, name)
}

func (tb *tab) choose(name, choice string) {
	tb.Helper()
	tb.Run(fmt.Sprintf(`(s => { s.value = %q; s.dispatchEvent(new Event('input', { bubbles: true })) })(%s)`, choice, control(name)))
}

func assertShown(tb *tab, n, all int, what string) {
	tb.Helper()
	assert.Equal(tb, n, value[int](tb, visible+`.length`), what)
	said := fmt.Sprintf("%d of %d experiments", n, all)
	if n == all {
		said = fmt.Sprintf("all %d experiments", all)
	}
	assert.Equal(tb, said, value[string](tb, shown), what)
}

func keysWork(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	first := value[[]string](tb, `[...document.querySelectorAll('.experiment')].slice(0, 3).map(e => e.id)`)
	at := func(n int) string { return fmt.Sprintf(`document.activeElement.id === %q`, first[n]) }
	for _, press := range []struct {
		key  string
		come string
	}{
		{"/", `document.activeElement.name === 'q'`},
		{"j", control("q") + `.value === 'j'`}, // in a text field, it is a letter
		{kb.Escape, control("q") + `.value === ''`},
	} {
		tb.Press(press.key)
		tb.Await(press.come)
	}
	tb.Run(`document.activeElement.blur()`)
	for _, press := range []struct {
		key string
		to  int
	}{{"j", 0}, {"j", 1}, {"n", 2}, {"k", 1}, {"p", 0}} {
		tb.Press(press.key)
		tb.Await(at(press.to))
		tb.Await(inSight(first[press.to]))
	}
}

// tabGoesThroughThePage presses Tab from the top of the page, and again from an experiment.
func tabGoesThroughThePage(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	// The browser lays out elements near the window with the next frame. A Tab before that, which no finger can press so fast, may
	// move the focus out of sight.
	const drawn = `new Promise(over => requestAnimationFrame(() => requestAnimationFrame(over)))`
	for _, from := range []string{"document.body", "[...document.querySelectorAll('.experiment')].at(-20)"} {
		tb.Run(from + `.scrollIntoView()`)
		tb.Run(from + `.focus({ preventScroll: true }); window.before = document.activeElement`)
		for range 40 {
			tb.Run(drawn)
			tb.Press(kb.Tab)
			at := value[string](tb, `document.activeElement.outerHTML.slice(0, 100)`)
			require.True(t, value[bool](tb, `(e => {
				const follows = before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING
				before = e
				return follows !== 0
			})(document.activeElement)`), "it does not follow the one before: %s", at)
			assert.True(t, value[bool](tb, `getComputedStyle(document.activeElement).outlineStyle !== 'none'`),
				"one does not see where one is: %s", at)
			tb.Await(`(r => r.bottom > 0 && r.top < innerHeight)(document.activeElement.getBoundingClientRect())`)
		}
	}
}

func segmentsShowTheirFields(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	const popover = `document.querySelector('.popover')`
	const segment = ".experiment .segment text"
	tb.Point(segment)
	tb.Await(popover + `.checkVisibility()`)
	assert.Regexp(t, `(?i)seq`, value[string](tb, popover+`.textContent`))
	tb.Press(kb.Escape)
	tb.Await(`!` + popover + `.checkVisibility()`)

	tb.click(segment)
	tb.Await(popover + `.checkVisibility()`)
	box := value[[]float64](tb, `(r => [r.left, r.right])(`+popover+`.getBoundingClientRect())`)
	assert.GreaterOrEqual(t, box[0], 0.0)
	assert.LessOrEqual(t, box[1], value[float64](tb, `innerWidth`))
}
