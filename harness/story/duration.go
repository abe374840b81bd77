package story

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration writes a duration with its units, rounded to a millisecond, or to a tenth of a second from 1 min on: 300 ms,
// 2.053 s, 2 h 12 min 6.4 s.
func Duration(d time.Duration) string {
	if d.Abs() < time.Minute {
		return Exactly(d.Round(time.Millisecond))
	}
	return Tenths(d)
}

// Tenths writes a duration with its units, rounded to a tenth of a second, so that several align in a column.
func Tenths(d time.Duration) string {
	if d.Abs() < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return Exactly(d.Round(time.Second / 10))
}

// Digits writes a duration with its units and n digits, such as 1.23 ms if n is 3. It never rounds by more than half a second.
func Digits(d time.Duration, n int) string {
	most, unit := time.Duration(1), time.Duration(1)
	for range n {
		most *= 10
	}
	for unit < time.Second && d.Abs()/unit >= most {
		unit *= 10
	}
	return Exactly(d.Round(unit))
}

// Exactly writes a duration with its units, without rounding.
func Exactly(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Exactly(d.Abs())
	case d >= time.Minute:
		return long(d)
	case d >= time.Second:
		return in(d, time.Second, "s")
	case d >= time.Millisecond || d == 0:
		return in(d, time.Millisecond, "ms")
	}
	return in(d, time.Microsecond, "µs")
}

func in(d, unit time.Duration, name string) string {
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', -1, 64) + " " + name
}

// long writes a duration of a minute or more in several units, and leaves out those that are zero.
func long(d time.Duration) string {
	var parts []string
	if hours := d / time.Hour; hours > 0 {
		parts = append(parts, fmt.Sprintf("%d h", hours))
	}
	if minutes := d % time.Hour / time.Minute; minutes > 0 {
		parts = append(parts, fmt.Sprintf("%d min", minutes))
	}
	if seconds := d % time.Minute; seconds > 0 {
		parts = append(parts, in(seconds, time.Second, "s"))
	}
	return strings.Join(parts, " ")
}

// Space is a no-break space.
const Space = "\u00a0"

var beforeUnit = regexp.MustCompile(`(\d) (h|min|s|ms|µs)\b`)

// KeepUnits keeps each number on one line with its unit, if the text is broken into lines.
func KeepUnits(text string) string { return beforeUnit.ReplaceAllString(text, "${1}"+Space+"$2") }
