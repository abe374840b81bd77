// Package chromium is for tests that look at pages in a browser.
package chromium

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// patience is how long Chromium may take to end.
const patience = time.Minute

// Start starts a Chromium with the options that all tests have in common, and these. It ends with the test, or with this
// process, and its files are removed.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	skip.UnlessChecking(t, "looks at pages in a browser")
	path := find()
	if path == "" {
		skip.Needs(t, "Chromium", "it looks at the page; install it (on Debian, apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // it opens no pages but ours, and its sandbox does not work in many containers
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-crash-reporter", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), append(options, more...)...)
	t.Cleanup(stop)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closing, giveUp := context.WithTimeout(ctx, patience)
		defer giveUp()
		assert.NoError(t, chromedp.Cancel(closing), "Chromium should end, and take its files with it")
	})
	require.NoError(t, chromedp.Do(ctx), "Chromium should start")
	return ctx
}

// find is the path of Chromium; empty if it is not installed.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
