package chromium

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Tab shows one page.
type Tab struct {
	*testing.T
	Context  context.Context
	patience time.Duration

	mu       sync.Mutex
	requests []string // their URLs
	says     []string // errors on the console, exceptions, dialogs
}

// Open takes the steps before, then shows a page in a tab of its own. Patience is how long the page may take for
// anything that the test asks of it.
func Open(t *testing.T, browser context.Context, patience time.Duration, url string, before ...chromedp.Action[chromedp.Void]) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tb := &Tab{T: t, Context: ctx, patience: patience}
	require.NoError(t, chromedp.Listen(ctx, tb.note))
	tb.Do(before...)
	tb.Do(chromedp.Navigate(url))
	return tb
}

func (tb *Tab) note(event any) {
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

// inWords returns errors with the place where they happened, and other values as JSON.
func inWords(objects ...*runtime.RemoteObject) string {
	var words []string
	for _, o := range objects {
		words = append(words, cmp.Or(o.Description, string(o.Value)))
	}
	return strings.Join(words, " ")
}

// Asked are the URLs that the page has requested.
func (tb *Tab) Asked() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.requests
}

// Complaints are the page's errors on the console, its exceptions and its dialogs.
func (tb *Tab) Complaints() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.says
}

// Do takes steps, one after the other.
func (tb *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context, tb.patience)
	defer cancel()
	require.NoError(tb, chromedp.Do(ctx, steps...))
}

// Value is the value of a JavaScript expression; if that is a promise, the value that it resolves to.
func Value[T any](tb *Tab, expression string) T {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context, tb.patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(tb, err, expression)
	return v
}

// Run runs a script, and waits for the promise that it returns.
func (tb *Tab) Run(script string) {
	tb.Helper()
	Value[chromedp.Void](tb, script)
}

// Await waits until a JavaScript condition is true. (chromedp.Poll needs eval, which a page may forbid.)
func (tb *Tab) Await(condition string) {
	tb.Helper()
	came := Value[bool](tb, fmt.Sprintf(`new Promise(resolve => {
		const begun = performance.now()
		const look = () => (%s) ? resolve(true) :
			performance.now() - begun > %d ? resolve(false) : setTimeout(look, 5)
		look()
	})`, condition, (tb.patience/2).Milliseconds()))
	if !came {
		require.Fail(tb, fmt.Sprintf("it should come about that %s; on the page: %s; on the console: %q", condition, tb.Text("body"), tb.Complaints()))
	}
}

// Text is the beginning of an element's text.
func (tb *Tab) Text(selector string) string {
	tb.Helper()
	return Value[string](tb, fmt.Sprintf(`document.querySelector(%q).innerText.slice(0, 2000)`, selector))
}

// Call is a step: a command of the browser's protocol.
func Call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}
