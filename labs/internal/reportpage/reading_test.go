package reportpage_test

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"socketlabs/labs/internal/chromium"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// widths are the widths of a phone, of a tablet or half a screen, and of a screen, in pixels.
var widths = []int64{360, 1024, 1600}

// openAll is a script that opens all parts of the page.
//
//go:embed testdata/open.js
var openAll string

// Scripts that return a line for each fault that they find.
var (
	//go:embed testdata/pictures.js
	findUndrawnPictures string
	//go:embed testdata/layout.js
	findUnreadableText string
	//go:embed testdata/links.js
	findBrokenLinks string
	//go:embed testdata/axe.js
	runAxe string
)

func picturesAreDrawn(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	tb.Run(openAll)
	pictures := value[int](tb, `document.querySelectorAll('svg').length`)
	assert.Positive(t, pictures)
	assertNone(tb, findUndrawnPictures, "pictures that are not drawn whole")
	assertNone(tb, `[...document.querySelectorAll('.experiment')].flatMap(e =>
		e.dataset.result === 'skipped' || e.querySelector('.missing, svg') ? [] : [e.id])`, "experiments without a picture")
	t.Logf("%d pictures", pictures)
}

func textCanBeRead(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	tb.Run(openAll)
	for _, width := range widths {
		tb.width(width)
		assertNone(tb, findUnreadableText, fmt.Sprintf("texts that can't be read, at %d pixels", width))
		assertNoScrollingSideways(tb)
	}
}

// assertNone shows the first of the faults that a script has found, each on a line.
func assertNone(tb *tab, script, what string) {
	tb.Helper()
	if found := value[[]string](tb, script); len(found) > 0 {
		assert.Fail(tb, fmt.Sprintf("%d: %s", len(found), what), strings.Join(found[:min(len(found), 10)], "\n"))
	}
}

func assertNoScrollingSideways(tb *tab) {
	tb.Helper()
	assert.LessOrEqual(tb, value[int](tb, `document.scrollingElement.scrollWidth`), value[int](tb, `document.scrollingElement.clientWidth`),
		"the page should not be wider than its window")
}

func linksLeadSomewhere(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	assert.Greater(t, value[int](tb, `document.links.length`), 10)
	assertNone(tb, findBrokenLinks, "links that lead nowhere, or elsewhere")
	assertNone(tb, `(ids => ids.filter((id, i) => ids.indexOf(id) !== i))(
		[...document.querySelectorAll('[id]')].map(e => e.id))`, "ids that are there twice")
}

// paperHasItAll prints the page, and tests how it looks on paper, where nobody can scroll.
func paperHasItAll(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	pdf, err := chromedp.Run(tb.Context, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(t, err)
	pages := bytes.Count(pdf, []byte("/Type /Page\n"))
	experiments := value[int](tb, `document.querySelectorAll('.experiment').length`)
	assert.Greater(t, pages, experiments/4, "pages of paper for %d experiments", experiments)
	t.Logf("%d pages, %d kB", pages, len(pdf)/1000)

	tb.Run(openAll)
	const acrossA4 = 718 // 21 cm minus two margins of 1 cm, at 96 pixels per inch
	tb.width(acrossA4)
	tb.Do(chromium.Call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	assertNone(tb, findUnreadableText, "texts that can't be read")
	assertNoScrollingSideways(tb)
}

func allIsThereWithoutScript(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page, withoutScript())
	tb.width(1024)
	assertNone(tb, `[...document.querySelectorAll('h1, h2, h3, .experiment, .says, .source')].filter(
		e => !e.checkVisibility()).map(e => e.outerHTML.slice(0, 100))`, "hidden elements")
	assertNone(tb, `[...document.querySelectorAll('input, select, button')].filter(
		e => e.checkVisibility()).map(e => e.outerHTML)`, "controls that do nothing")
	tb.Run(openAll)
	assertNone(tb, findUndrawnPictures, "pictures that are not drawn whole")
	assertNone(tb, findUnreadableText, "texts that can't be read")
}

// nothingKeepsPeopleOut makes axe-core check the page with one experiment of each lab and a few of its subtests, all unfolded.
// The other experiments have the same elements, and would take minutes.
func nothingKeepsPeopleOut(t *testing.T, browser context.Context, page string) {
	tb := open(t, browser, page)
	tb.Run(chromium.Axe(t))
	tb.Run(`for (const lab of document.querySelectorAll('.lab')) {
		for (const e of [...lab.querySelectorAll('.experiment')].slice(1)) e.remove()
		for (const e of [...lab.querySelectorAll('.part')].slice(3)) e.remove()
	}`)
	tb.Run(openAll)
	for _, colors := range []string{"light", "dark"} {
		tb.Do(inColors(colors))
		for _, width := range widths {
			tb.width(width)
			assertNone(tb, runAxe, fmt.Sprintf("barriers that axe-core finds, %s, at %d pixels", colors, width))
		}
	}
}
