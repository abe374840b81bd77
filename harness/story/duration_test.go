package story_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/story"
)

func TestTimesInWords(t *testing.T) {
	const ns, ms, s, min, h = time.Nanosecond, time.Millisecond, time.Second, time.Minute, time.Hour
	for _, of := range []struct {
		d                                 time.Duration
		duration, tenths, digits, exactly string
	}{
		{0, "0 ms", "0.0 s", "0 ms", "0 ms"},
		{12345 * ns, "0 ms", "0.0 s", "12 µs", "12.345 µs"},
		{-100 * ms, "-100 ms", "-0.1 s", "-100 ms", "-100 ms"},
		{300 * ms, "300 ms", "0.3 s", "300 ms", "300 ms"},
		{s - ns, "1 s", "1.0 s", "1 s", "999.999999 ms"},
		{2*s + 53*ms + 400*time.Microsecond, "2.053 s", "2.1 s", "2.1 s", "2.0534 s"},
		{min - ns, "1 min", "60.0 s", "1 min", "59.999999999 s"},
		{min, "1 min", "1 min", "1 min", "1 min"},
		{15*min + 24*s + 640*ms, "15 min 24.6 s", "15 min 24.6 s", "15 min 25 s", "15 min 24.64 s"},
		{2*h + 6*s, "2 h 6 s", "2 h 6 s", "2 h 6 s", "2 h 6 s"},
		{3 * h, "3 h", "3 h", "3 h", "3 h"},
	} {
		assert.Equal(t, of.duration, story.Duration(of.d))
		assert.Equal(t, of.tenths, story.Tenths(of.d))
		assert.Equal(t, of.digits, story.Digits(of.d, 2))
		assert.Equal(t, of.exactly, story.Exactly(of.d))
	}
}

func TestUnitsStayWithTheirNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"idle 1 s, then 2 h 11 min": "idle 1_s, then 2_h 11_min",
		"300 ms; 16 µs":             "300_ms; 16_µs",
		"2 servers, seq 1 back":     "2 servers, seq 1 back",
	} {
		assert.Equal(t, want, strings.ReplaceAll(story.KeepUnits(text), story.Space, "_"))
	}
}

// The smallest duration has no positive counterpart.
func TestSmallestTimeIsTold(t *testing.T) {
	assert.Regexp(t, `^-\d+ h`, story.Exactly(math.MinInt64))
}
