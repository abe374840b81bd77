package site_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/chromium"
	"socketlabs/labs/internal/siteserver"
)

// patient is a site with an error, until isWell is true.
type patient struct {
	origin string
	isWell atomic.Bool
}

// ail serves the site in a folder. Until isWell is true, the handler wrong answers for one of its files. The browser must not
// keep files, because it would keep the wrong one.
func ail(t *testing.T, dir, file string, wrong http.HandlerFunc) *patient {
	t.Helper()
	p := new(patient)
	files := siteserver.Handler(dir)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/worker.js":
			http.NotFound(w, r)
		case r.URL.Path == "/"+file && !p.isWell.Load():
			w.Header().Set("Cache-Control", "no-store")
			wrong(w, r)
		default:
			files.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	p.origin = server.URL
	return p
}

// saying answers with a text. Its content type is that of the file in the URL.
func saying(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kind := "application/octet-stream"
		if strings.HasSuffix(r.URL.Path, "js") {
			kind = "text/javascript"
		}
		w.Header().Set("Content-Type", kind)
		w.Write([]byte(text))
	}
}

// half answers with the first half of the file.
func half(dir string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(r.URL.Path)))
		if err != nil {
			panic(err)
		}
		saying(string(text[:len(text)/2]))(w, r)
	}
}

// If the page can't load a file that a run needs, it says so, and runs the experiment once it can.
func TestMachineThatDoesNotStart(t *testing.T) {
	dir := withMachine(t)
	browser := chromium.Start(t)
	const stopped = isOver + ` === "stopped"`

	idle := ail(t, dir, "machine/libv86.mjs", saying(`export class V86 { add_listener() {} }`))
	waits := open(t, browser, idle.origin, vanished)
	waits.start("virtual")

	for _, file := range []string{
		"machine/state.zst", "machine/v86.wasm", "machine/bios.bin", "machine/libv86.mjs", "assets/machine-worker-use-scheduling-api.js", "assets/clock.js",
		"assets/lab.wasm", "assets/wasm_exec.js", "assets/lab.js",
	} {
		for what, wrong := range map[string]http.HandlerFunc{"missing": http.NotFound, "rubbish": saying("rubbish"), "half of it": half(dir)} {
			t.Run(path.Base(file)+", "+what, func(t *testing.T) {
				p := ail(t, dir, file, wrong)
				tb := open(t, browser, p.origin, vanished)
				tb.start("virtual")
				tb.Await(isOver)
				t.Log(tb.Text("#state"))
				if file == "machine/bios.bin" && what != "missing" {
					assert.Equal(t, "pass", value[string](tb, isOver), "the machine goes on from its state, where the BIOS has done its work")
					return
				}
				assert.Equal(t, "stopped", value[string](tb, isOver), tb.Text("#state"))
				assert.Contains(t, tb.Text("#state"), "The machine can't ")
				if what == "missing" {
					p.isWell.Store(true)
					tb.start("virtual")
					tb.Await(isOver + ` === "pass"`)
				}
			})
		}
	}

	waits.Await(stopped)
	assert.Contains(t, waits.Text("#state"), "can't be loaded")
}

// If the page can't load its Go program, the search and the settings say so, and work once it can.
func TestPageThatComputesNothing(t *testing.T) {
	dir := withoutMachine(t)
	browser := chromium.Start(t)
	for file, does := range map[string][]func(t *testing.T, browser context.Context, p *patient){
		"assets/lab.wasm":         {searchFails, settingsFail},
		"assets/wasm_exec.js":     {searchFails, settingsFail},
		"assets/lab.js":           {searchFails, settingsFail},
		"assets/experiments.json": {searchFails},
	} {
		for what, wrong := range map[string]http.HandlerFunc{"missing": http.NotFound, "rubbish": saying("rubbish"), "half of it": half(dir)} {
			t.Run(path.Base(file)+", "+what, func(t *testing.T) {
				for _, fails := range does {
					fails(t, browser, ail(t, dir, file, wrong))
				}
			})
		}
	}
}

// searchFails searches twice: at first without success.
func searchFails(t *testing.T, browser context.Context, p *patient) {
	tb := open(t, browser, p.origin, "/symptoms.html?q=refused")
	tb.Await(`document.getElementById("found").textContent.includes("can't be loaded")`)
	p.isWell.Store(true)
	tb.click("#search button")
	tb.Await(`document.querySelectorAll(".matches li").length > 0`)
}

// settingsFail opens a link with settings, which stay in the URL, and then loads the page again.
func settingsFail(t *testing.T, browser context.Context, p *patient) {
	tb := open(t, browser, p.origin, "/decisions.html#keepalive=5s,1s,3")
	tb.Await(`document.getElementById("refused").textContent.includes("can't be loaded")`)
	p.isWell.Store(true)
	tb.Do(chromedp.Reload())
	tb.Await(`document.querySelector('[data-failure="host vanishes, idle"] td')?.textContent === "ETIMEDOUT after 8 s, by keepalive"`)
}
