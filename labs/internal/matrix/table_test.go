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

	"socketlabs/labs/internal/gotest"
)

// recorded is a table after the first events of a recorded run of a part of Lab 4's table.
func recorded(t *testing.T, events int) *table {
	file, err := os.Open(filepath.Join("testdata", "matrix.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m := new(table)
	for decoder := json.NewDecoder(file); events > 0; events-- {
		var e gotest.Event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
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
	if diff := cmp.Diff(want, "\n"+ansi.Strip(recorded(t, all).inWords(80))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNarrowMatrixHasMarks(t *testing.T) {
	m := recorded(t, all)
	if words := m.inWords(50); words != "" {
		t.Errorf("there is no room for words:\n%s", words)
	}
	want := `
                         1   2   3
nothing, idle            ✓   !   ✓
application hangs, idle  ○   ✓   ○
host vanishes, asked     ○   ✓   ✓

1 none   2 timeout   3 keepalive, user timeout
✓ right: does what it should
○ blind: sees nothing
! false alarm: takes a healthy peer for a dead one`
	if diff := cmp.Diff(want, "\n"+ansi.Strip(m.inMarks(50))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The table has all rows and columns from the beginning, in the order of the test, so that nothing moves when
// outcomes come.
func TestMatrixKeepsItsPlaces(t *testing.T) {
	whole := recorded(t, all)
	begun := recorded(t, 14)
	if diff := cmp.Diff([][]string{whole.Failures, whole.Defenses}, [][]string{begun.Failures, begun.Defenses}); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	rows, _, _ := strings.Cut(ansi.Strip(begun.inMarks(50)), "\n\n")
	if n := strings.Count(rows, "·"); n != 9 {
		t.Errorf("%d of the 9 places are empty:\n%s", n, rows)
	}
}
