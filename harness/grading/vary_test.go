package grading

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// With this many random values, each possible value comes up.
const often = 1000

func TestTimesVaryWithinTheirBounds(t *testing.T) {
	const least, most = 10 * time.Millisecond, 20 * time.Millisecond
	seen := make(map[time.Duration]bool)
	for range often {
		d := Between(least, most)
		assert.GreaterOrEqual(t, d, least)
		assert.LessOrEqual(t, d, most)
		assert.Zero(t, d%time.Millisecond)
		seen[d] = true
	}
	assert.Len(t, seen, 11, "every whole millisecond should come up")
}

func TestTextsVary(t *testing.T) {
	letters := make(map[byte]bool)
	for range often {
		text := Text(8)
		assert.Regexp(t, regexp.MustCompile(`^[a-z]{8}$`), text)
		letters[text[7]] = true
	}
	assert.Len(t, letters, 26)
	assert.NotEqual(t, Text(32), Text(32))
}

func TestBytesDifferEverywhere(t *testing.T) {
	data := Bytes(64 << 10)
	assert.Len(t, data, 64<<10)
	assert.NotEqual(t, data, Bytes(64<<10))
	assert.Equal(t, 1, bytes.Count(data, data[:8]), "the first bytes should appear nowhere again")
	assert.Equal(t, 1, bytes.Count(data, data[len(data)-8:]))
}
