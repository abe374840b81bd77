package site_test

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
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a page may take for anything, on a machine that is busy.
const patience = 10 * time.Minute

// browserTab shows a page of the site.
type browserTab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	says     []string // errors on the console, and exceptions
}

// open shows a page in a tab of its own. When the test ends, it must have asked nobody but the site for anything.
func open(t *testing.T, browser context.Context, origin, page string) *browserTab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	tb := &browserTab{T: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		tb.mu.Lock()
		defer tb.mu.Unlock()
		for _, asked := range tb.requests {
			assert.True(t, strings.HasPrefix(asked, origin) || strings.HasPrefix(asked, "about:"), "asked for %s", asked)
		}
	})
	require.NoError(t, chromedp.Listen(ctx, tb.note))
	tb.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(origin+page))
	return tb
}

func (tb *browserTab) note(event any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tb.requests = append(tb.requests, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		for _, arg := range e.Args {
			tb.says = append(tb.says, cmp.Or(arg.Description, string(arg.Value)))
		}
	case *runtime.EventExceptionThrown:
		tb.says = append(tb.says, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		tb.says = append(tb.says, e.Entry.Text)
	}
}

func (tb *browserTab) complaints() string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return strings.Join(tb.says, "\n")
}

func (tb *browserTab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	require.NoError(tb, chromedp.Do(ctx, steps...))
}

// value is that of a JavaScript expression; of a promise, what it comes to.
func value[T any](tb *browserTab, expression string) T {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(tb, err, expression)
	return v
}

// run runs a script, and waits for what it promises.
func (tb *browserTab) run(script string) {
	tb.Helper()
	value[bool](tb, `(async () => { `+script+` })().then(() => true)`)
}

// await waits until a JavaScript condition is true.
func (tb *browserTab) await(condition string) {
	tb.Helper()
	came := value[bool](tb, fmt.Sprintf(`new Promise(resolve => {
		const begun = Date.now()
		const look = () => (%s) ? resolve(true) : Date.now() - begun > %d ? resolve(false) : setTimeout(look, 10)
		look()
	})`, condition, (patience/2).Milliseconds()))
	require.True(tb, came, "it should come about that %s; on the page: %s; on the console: %s", condition, tb.text("main"), tb.complaints())
}

// text is that of an element.
func (tb *browserTab) text(selector string) string {
	tb.Helper()
	return value[string](tb, fmt.Sprintf(`document.querySelector(%q).innerText.slice(0, 2000)`, selector))
}

func (tb *browserTab) click(selector string) {
	tb.Helper()
	tb.run(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}
