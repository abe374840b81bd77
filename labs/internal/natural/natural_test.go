package natural

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
)

func TestNumbersInNamesAreComparedAsNumbers(t *testing.T) {
	want := strings.Fields("vmlinuz-5.10 vmlinuz-6.1 vmlinuz-6.1.9 vmlinuz-6.1.10-cloud vmlinuz-6.12 vmlinuz-10.0")
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Compare)
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}
