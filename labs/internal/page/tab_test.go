package page_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a page may take for anything that is asked of it.
const patience = time.Minute

// tab shows one page.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // their URLs
	says     []string // errors on the console, exceptions, dialogs
}

// open shows a page in a tab of its own. When the test ends, the page must have asked nobody for anything, and must have
// had nothing to complain of.
func open(t *testing.T, browser context.Context, url string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	tb := openUnwatched(t, browser, url, before...)
	t.Cleanup(func() {
		for _, asked := range tb.asked() {
			assert.Equal(t, withoutPlace(url), withoutPlace(asked), "no request should leave the page")
		}
		assert.Empty(t, tb.complaints(), "the console should be empty")
	})
	return tb
}

// withoutPlace is the address of a document, without the part of it and without the state of its filters.
func withoutPlace(url string) string {
	document, _, _ := strings.Cut(url, "#")
	document, _, _ = strings.Cut(document, "?")
	return document
}

func openUnwatched(t *testing.T, browser context.Context, url string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tb := &tab{T: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, tb.note))
	tb.do(before...)
	tb.do(chromedp.Navigate(url))
	return tb
}

func (tb *tab) note(event any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tb.requests = append(tb.requests, e.Request.URL+e.Request.URLFragment)
	case *runtime.EventConsoleAPICalled:
		tb.says = append(tb.says, string(e.Type)+": "+inWords(e.Args...))
	case *runtime.EventExceptionThrown:
		tb.says = append(tb.says, e.ExceptionDetails.Text+" "+inWords(e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		tb.says = append(tb.says, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		tb.says = append(tb.says, "dialog: "+e.Message)
	}
}

// inWords gives errors with where they happened, and other values as JSON.
func inWords(objects ...*runtime.RemoteObject) string {
	var words []string
	for _, o := range objects {
		words = append(words, cmp.Or(o.Description, string(o.Value)))
	}
	return strings.Join(words, " ")
}

func (tb *tab) asked() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.requests
}

func (tb *tab) complaints() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.says
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	require.NoError(tb, chromedp.Do(ctx, steps...))
}

// value is that of a JavaScript expression; of a promise, what it comes to.
func value[T any](tb *tab, expression string) T {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(tb, err, expression)
	return v
}

// run runs a script, and waits for what it promises.
func (tb *tab) run(script string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
	require.NoError(tb, err)
}

// await waits until a JavaScript condition is true. (chromedp.Poll needs eval, which the page forbids.)
func (tb *tab) await(condition string) {
	tb.Helper()
	require.True(tb, value[bool](tb, fmt.Sprintf(`new Promise(resolve => {
		const begun = performance.now()
		const look = () => (%s) ? resolve(true) :
			performance.now() - begun > %d ? resolve(false) : setTimeout(look, 5)
		look()
	})`, condition, (patience/4).Milliseconds())), "it should come about that %s", condition)
}

// press presses keys one after the other. A key whose default is prevented types nothing, as on a real keyboard.
func (tb *tab) press(keys string) {
	tb.Helper()
	tb.do(chromedp.KeyEvent(keys, func(event *input.DispatchKeyEventParams) {
		if event.Type == input.DispatchKeyEventTypeKeyDown {
			event.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	}))
}

func (tb *tab) reload() {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`location.reload()`)))
	require.NoError(tb, err)
}

// middle is where an element is in the window, once it is in the middle of it.
func (tb *tab) middle(selector string) (x, y float64) {
	tb.Helper()
	at := value[[]float64](tb, fmt.Sprintf(`(e => {
		e.scrollIntoView({ block: 'center', inline: 'center' })
		const box = e.getBoundingClientRect()
		return [box.x + box.width / 2, box.y + box.height / 2]
	})(document.querySelector(%q))`, selector))
	return at[0], at[1]
}

func (tb *tab) click(selector string) {
	tb.Helper()
	x, y := tb.middle(selector)
	tb.do(chromedp.MouseClickXY(x, y))
}

func (tb *tab) width(pixels int64) { tb.do(chromedp.EmulateViewport(pixels, 900)) }

func inColors(scheme string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

func withoutScript() chromedp.Action[chromedp.Void] {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}
