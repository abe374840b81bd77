package site_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/site"
)

// host is somebody else's static host, such as GitHub Pages: it sends no policy, and lets browsers keep files for ten minutes
// without asking again.
type host struct {
	origin string
	stop   func()

	mu     sync.Mutex
	served map[string]int // by path: how often the file itself was sent, without answers that it is unchanged
}

func newHost(t *testing.T, files http.Handler) *host {
	t.Helper()
	h := &host{served: make(map[string]int)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=600")
		answer := &answer{ResponseWriter: w}
		files.ServeHTTP(answer, r)
		if answer.status != http.StatusNotModified {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.served[r.URL.Path]++
		}
	}))
	t.Cleanup(server.Close)
	h.origin, h.stop = server.URL, server.Close
	return h
}

// answer remembers its status.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (h *host) times(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.served["/"+name]
}

// isKept is a condition: the whole site is kept.
const isKept = `caches.keys().then(async names => names.length === 1 && (await (await caches.open(names[0])).keys()).length > 200)`

// firstVisitKeepsAll opens an experiment as if by a link from another site, and runs it at once. The machine is loaded once, the
// whole site is kept, and its Workers have the policy.
func firstVisitKeepsAll(t *testing.T, browser context.Context, dir string) {
	files := http.FileServer(http.Dir(dir))
	clicked := make(chan struct{})
	click := sync.OnceFunc(func() { close(clicked) })
	defer click()
	h := newHost(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/claims.html" { // one of the files that are kept at once; it waits for the click
			select {
			case <-clicked:
			case <-r.Context().Done():
			}
		}
		files.ServeHTTP(w, r)
	}))
	tb := open(t, browser, h.origin, vanished)
	tb.start("virtual")
	click()
	tb.assertPassed()
	tb.Await(isKept)
	for _, name := range []string{"machine/state.zst", "assets/lab.wasm", "assets/machine-worker-use-scheduling-api.js", "assets/lab.js"} {
		assert.Equal(t, 1, h.times(name), "how often %s was loaded", name)
	}
	for _, script := range []string{"machine-worker-use-scheduling-api.js", "lab.js"} {
		assert.Equal(t, site.Policy, value[string](tb, `fetch("../assets/`+script+`").then(a => a.headers.get("Content-Security-Policy"))`), script)
	}
	h.stop()
	tb.Do(chromium.Call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}))
	tb.Do(chromedp.Navigate(h.origin + "/lab01_timeout/TestReadDeadlineFreesReader.html"))
	tb.start("virtual")
	tb.assertPassed()
}

// newVersionIsNew changes the site. Then the new files are kept, not the old ones that the browser still has.
func newVersionIsNew(t *testing.T, browser context.Context, _ string) {
	dir := withoutMachine(t)
	text := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(text)
	}
	before := map[string]string{"/" + site.Mark: text(site.Mark), "/claims.html": text("claims.html")}
	var isChanged atomic.Bool
	files := http.FileServer(http.Dir(dir))
	h := newHost(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, changes := before[r.URL.Path]
		if !changes {
			files.ServeHTTP(w, r)
			return
		}
		if isChanged.Load() {
			text = strings.NewReplacer(`version = "`, `version = "new`, "</main>", "<p id=new>new</p></main>").Replace(text)
		}
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		w.Write([]byte(text))
	}))
	tb := open(t, browser, h.origin, "/claims.html")
	const isActive = `navigator.serviceWorker.ready.then(async ({ active }) => active.state === "activated" && (await caches.keys())[0]`
	tb.Await(`caches.keys().then(names => names.length === 1)`)
	tb.Await(isActive + `)`)
	isChanged.Store(true)
	tb.run(`await (await navigator.serviceWorker.ready).update()`)
	tb.Await(isActive + `?.startsWith("new"))`)
	tb.Do(chromedp.Reload())
	tb.Await(`document.getElementById("new")`)
}
