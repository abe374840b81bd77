package site_test

import (
	"net/http/httptest"
	"os"
	"testing"
	"time"
	"github.com/chromedp/chromedp"
	"socketlabs/labs/internal/site"
	"socketlabs/labs/internal/chromium"
)

func TestDebug(t *testing.T) {
	browser := chromium.Start(t)
	server := httptest.NewServer(site.Handler("/tmp/sitework/out"))
	defer server.Close()
	at := time.Now()
	tb := open(t, browser, server.URL, "/lab03_keepalive/TestVanishedPeerOnTheWire.html")
	t.Log("opened", time.Since(at))
	tb.await(`!document.getElementById("run").hidden`)
	t.Log("usable", time.Since(at))
	for _, pace := range []string{"virtual"} {
	at = time.Now()
	tb.run(`document.querySelector('[value=`+pace+`]').click(); document.getElementById("go").click()`)
	tb.await(`document.querySelector("#live svg")`)
	t.Log("first line", time.Since(at))
	tb.await(`document.getElementById("run").dataset.result`)
	t.Log("done", time.Since(at), value[string](tb, `document.getElementById("state").textContent + document.getElementById("clock").value`))
	var png []byte
	png, _ = chromedp.Run(tb.ctx, chromedp.FullScreenshot(100))
	os.WriteFile("/tmp/sitework/shot-"+pace+".png", png, 0o666)
	tb.run(`delete document.getElementById("run").dataset.result`)
	}
	t.Log(tb.complaints())
}
