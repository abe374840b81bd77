package site_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

const (
	popover = `document.querySelector(".popover")`
	isShown = popover + `?.checkVisibility()`
	// chosen is the index of the segment whose fields are shown; -1 if there is none.
	chosen = `[...document.querySelectorAll(".segment")].findIndex(s => s.classList.contains("chosen"))`
)

// segmentsShowTheirFields points at a segment, and moves from one to the next by the keys that the page names.
func segmentsShowTheirFields(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, vanished)
	tb.Await(`!document.getElementById("run").hidden`)
	tb.Point("#recorded .segment text")
	tb.Await(isShown)
	assert.Contains(t, value[string](tb, popover+`.textContent`), "keepalive probe, client to server, at 1.0000 s")
	tb.Press(kb.Escape)
	tb.Await(`!` + isShown)

	tb.run(`document.querySelector("#recorded .seen").focus()`)
	for _, pressed := range []struct {
		key  string
		goes int
	}{{kb.ArrowRight, 0}, {kb.ArrowRight, 1}, {kb.ArrowLeft, 0}, {kb.ArrowLeft, 1}} {
		tb.Press(pressed.key)
		assert.Equal(t, pressed.goes, value[int](tb, chosen), "the chosen segment")
		assert.True(t, value[bool](tb, isShown))
	}
	tb.assertForEverybody("with the fields of a segment")
	tb.run(`document.querySelector("#recorded .seen").innerHTML += ""`) // as a growing picture is drawn again
	assert.Equal(t, 1, value[int](tb, chosen), "the chosen segment of the new picture")
	assert.Contains(t, value[string](tb, popover+`.textContent`), "at 2.0000 s")

	tb.Do(chromedp.EmulateViewport(360, 900))
	tb.Press(kb.ArrowLeft)
	tb.Press(kb.ArrowRight)
	assert.LessOrEqual(t, value[float64](tb, popover+`.getBoundingClientRect().right`), 360.0-8, "the right end of the fields")

	tb.click(`.bar .home`)
	tb.Await(`document.querySelector(".legend")`)
	assert.False(t, value[bool](tb, isShown), "the picture is gone")
	tb.Point(".legend .segment text")
	tb.Await(isShown)
	assert.Empty(t, tb.Complaints())
}

// growingPicturesAreWalked moves to a segment while the picture grows: its fields stay, and new segments can be reached.
func growingPicturesAreWalked(t *testing.T, browser context.Context, origin string) {
	tb := open(t, browser, origin, vanished)
	tb.start("step")
	for !value[bool](tb, aSegment) {
		tb.next()
	}
	tb.run(`document.querySelector("#live .seen").focus()`)
	tb.Press(kb.ArrowRight)
	fields := value[string](tb, popover+`.textContent`)
	assert.Contains(t, fields, "seq")
	tb.assertForEverybody("with a picture that grows")
	for value[int](tb, `document.querySelectorAll("#live .segment").length`) < 2 {
		n := value[int](tb, said)
		tb.run(fmt.Sprintf(`(await import(%q)).step()`, origin+"/assets/guest.js")) // not by a click, which would hide the fields
		tb.Await(said + ` > ` + strconv.Itoa(n))
		assert.Equal(t, fields, value[string](tb, popover+`.textContent`))
		assert.Equal(t, 0, value[int](tb, chosen), "the chosen segment")
	}
	tb.Press(kb.ArrowRight)
	assert.Equal(t, 1, value[int](tb, chosen), "the chosen segment")
	assert.NotEqual(t, fields, value[string](tb, popover+`.textContent`))
	tb.click("#stop")
	tb.Await(isOver + ` === "stopped"`)
	assert.Empty(t, tb.Complaints())
}
