package main

import (
	"image/color"
	"math"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/stretchr/testify/assert"
)

// Contrast as WCAG 2.2 defines it; 3 is what it asks for large text and for signs.
func TestColoursAreReadOnBlackAndOnWhite(t *testing.T) {
	const enough = 3.5
	for _, c := range []string{green, red, amber, blue, violet, cyan, grey} {
		lightness := luminance(lipgloss.Color(c))
		assert.Greater(t, (1+0.05)/(lightness+0.05), enough, "%s on white", c)
		assert.Greater(t, (lightness+0.05)/0.05, enough, "%s on black", c)
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
	assert.Equal(t, "give\n--keep DIR\na->b", wrap("give --keep DIR a->b", 10))
	assert.Equal(t, "two\nlong words", wrap("two "+unbroken("long words"), 10))
	assert.Equal(t, "- one\n  two", hang("- ", "one two", 6))
	assert.Equal(t, "left  right", spread("left", "right", 11))
	assert.Equal(t, "left\n     right", spread("left", "right", 10))
}
