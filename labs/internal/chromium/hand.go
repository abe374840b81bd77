package chromium

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Press presses keys one after the other. A key whose default is prevented types nothing, as on a real keyboard.
func (tb *Tab) Press(keys string) {
	tb.Helper()
	tb.Do(chromedp.KeyEvent(keys, func(event *input.DispatchKeyEventParams) {
		if event.Type == input.DispatchKeyEventTypeKeyDown {
			event.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	}))
}

// Middle scrolls an element to the middle of the window, and returns the position of its center.
func (tb *Tab) Middle(selector string) (x, y float64) {
	tb.Helper()
	at := Value[[]float64](tb, fmt.Sprintf(`(e => {
		e.scrollIntoView({ block: 'center', inline: 'center' })
		const box = e.getBoundingClientRect()
		return [box.x + box.width / 2, box.y + box.height / 2]
	})(document.querySelector(%q))`, selector))
	return at[0], at[1]
}

// Point moves the mouse to the middle of an element.
func (tb *Tab) Point(selector string) {
	tb.Helper()
	x, y := tb.Middle(selector)
	tb.Do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}
