package matrix

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/gotest"
)

// recorded takes in the first events of a part of Lab 4's table, as it once came from go test.
func recorded(t *testing.T, events int) *table {
	file, err := os.Open(filepath.Join("testdata", "matrix.json"))
	require.NoError(t, err)
	defer file.Close()
	m := new(table)
	for decoder := json.NewDecoder(file); events > 0; events-- {
		var e gotest.Event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		m.Add(e)
	}
	return m
}

const all = 1000

func TestMatrixHasOutcomesWhereThereIsRoom(t *testing.T) {
	want := `
                                                             keepalive, user
                         none              timeout           timeout
nothing, idle            ✓ served          ! deadline        ✓ served
                                             3.07 s
application hangs, idle  ○ waiting         ✓ deadline        ○ waiting
                                             3.09 s
host vanishes, asked     ○ waiting         ✓ deadline        ✓ ETIMEDOUT
                                             3.05 s            3.43 s

✓ right: does what it should   ○ blind: sees nothing
! false alarm: takes a healthy peer for a dead one`
	assert.Empty(t, cmp.Diff(want, "\n"+ansi.Strip(recorded(t, all).inWords(80))), "(-want +got)")
}

func TestNarrowMatrixHasMarks(t *testing.T) {
	m := recorded(t, all)
	assert.Empty(t, m.inWords(50))
	want := `
                         1   2   3
nothing, idle            ✓   !   ✓
application hangs, idle  ○   ✓   ○
host vanishes, asked     ○   ✓   ✓

1 none   2 timeout   3 keepalive, user timeout
✓ right: does what it should
○ blind: sees nothing
! false alarm: takes a healthy peer for a dead one`
	assert.Empty(t, cmp.Diff(want, "\n"+ansi.Strip(m.inMarks(50))), "(-want +got)")
}

// Rows and columns are there from the beginning, in the order of the test, so that nothing moves when
// outcomes come.
func TestMatrixKeepsItsPlaces(t *testing.T) {
	whole := recorded(t, all)
	begun := recorded(t, 14)
	assert.Equal(t, whole.Failures, begun.Failures)
	assert.Equal(t, whole.Defenses, begun.Defenses)
	rows, _, _ := strings.Cut(ansi.Strip(begun.inMarks(50)), "\n\n")
	assert.Equal(t, 9, strings.Count(rows, "·"))
}
