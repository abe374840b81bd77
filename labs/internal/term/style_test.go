package term

import (
	"image/color"
	"math"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
)

// contrast is the contrast of WCAG 2.2, which requires 3 for large text and for signs.
func TestColorsAreReadOnBlackAndOnWhite(t *testing.T) {
	const enough = 3.5
	for _, c := range []ansi.IndexedColor{Green, Red, Amber, Blue, Violet, Cyan, Gray} {
		lightness := luminance(c)
		assert.Greater(t, (1+0.05)/(lightness+0.05), enough, "%d on white", c)
		assert.Greater(t, (lightness+0.05)/0.05, enough, "%d on black", c)
	}
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(part uint32) float64 {
		v := float64(part) / math.MaxUint16
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestWrapKeepsOptionsAndArrowsWhole(t *testing.T) {
	assert.Equal(t, "give\n--keep DIR\na->b", Wrap("give --keep DIR a->b", 10))
	assert.Equal(t, "two\nlong words", Wrap("two "+Unbroken("long words"), 10))
	assert.Equal(t, "- one\n  two", Hang("- ", "one two", 6))
	assert.Equal(t, "left  right", Spread("left", "right", 11))
	assert.Equal(t, "left\n     right", Spread("left", "right", 10))
}

// Lines are cut off, indented and put beside each other, so no style may continue beyond its own text.
func TestEachLineHasAStyleOfItsOwn(t *testing.T) {
	const on, off = "\x1b[1m", "\x1b[m"
	bolds := on + "one" + off + "\n" + on + "two" + off
	assert.Equal(t, bolds, Bold.Render("one\ntwo"))
	assert.Equal(t, bolds+" 3", Wrap(Bold.Render("one two")+" 3", 5))
	assert.Equal(t, "- "+on+"one"+off+"\n  "+on+"two"+off, Hang("- ", Bold.Render("one two"), 6))
	assert.Equal(t, bolds, Bold.Render(bolds[len(on):len(bolds)-len(off)]), "styled already")
	assert.Equal(t, "none", Style{}.Render("none"))
}
