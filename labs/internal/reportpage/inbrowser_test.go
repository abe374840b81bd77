package reportpage_test

import (
	"context"
	"testing"

	"socketlabs/labs/internal/chromium"
)

// Two pages work in a browser: the page about all experiments, after a run, and a page about hostile tests, which
// print markup, very long words, and more than fits.
func TestPageInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	all, hostile := pageOfAll(t), hostilePage(t)
	for _, test := range []struct {
		name string
		does func(t *testing.T, chromium context.Context, page string)
	}{
		{"pictures are drawn whole", picturesAreDrawn},
		{"text can be read", textCanBeRead},
		{"links lead somewhere", linksLeadSomewhere},
		{"paper", paperHasItAll},
		{"without JavaScript", allIsThereWithoutScript},
		{"for everybody", nothingKeepsPeopleOut},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			t.Run("all experiments", func(t *testing.T) { test.does(t, browser, all) })
			t.Run("hostile", func(t *testing.T) { test.does(t, browser, hostile) })
		})
	}
	t.Run("markup is text", func(t *testing.T) { markupIsText(t, browser, hostile) })
	t.Run("opens at once", func(t *testing.T) { opensAtOnce(t, browser, all) }) // before the parallel ones
	t.Run("asks nobody", func(t *testing.T) { asksNobody(t, browser, all) })
	t.Run("deep links", func(t *testing.T) { deepLinksOpen(t, browser, all) })
	t.Run("search and filters", func(t *testing.T) { filtersFilter(t, browser, all) })
	t.Run("keys", func(t *testing.T) { keysWork(t, browser, all) })
	t.Run("tab", func(t *testing.T) { tabGoesThroughThePage(t, browser, all) })
	t.Run("segments", func(t *testing.T) { segmentsShowTheirFields(t, browser, all) })
}
