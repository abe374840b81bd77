package picture

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// drawing is SVG that is being written.
type drawing struct{ strings.Builder }

// number is a coordinate, rounded to a tenth, in its shortest form.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `<path class="%s" d="M%s %sL%s %s"/>`, class, number(x1), number(y1), number(x2), number(y2))
}

// text writes lines below each other: y is the middle of the first. The class decides whether the lines begin at x, end at x,
// or are centered there.
func (d *drawing) text(class string, x, y float64, lines ...string) {
	const baseline = 4.5 // below the middle of a line
	for i, line := range lines {
		fmt.Fprintf(d, `<text class="%s" x="%s" y="%s">%s</text>`, class, number(x),
			number(y+baseline+float64(i)*lineHeight), withStates(line))
	}
}

func (d *drawing) dot(class string, x, y float64) {
	fmt.Fprintf(d, `<circle class="%s" cx="%s" cy="%s" r="3.5"/>`, class, number(x), number(y))
}

func (d *drawing) box(class string, x, y, width, height, radius float64) {
	fmt.Fprintf(d, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`, class,
		number(x), number(y), number(width), number(height), number(radius))
}

// printable is a text as XML can contain it.
func printable(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(text, "�")))
}
