package term

import (
	"fmt"
	"time"
)

// Seconds gives a time to a tenth of a second, as somebody who waits for its end wants it.
func Seconds(s float64) string { return fmt.Sprintf("%.1f s", s) }

// Since is how long ago something began.
func Since(begun time.Time) string { return Seconds(time.Since(begun).Seconds()) }
