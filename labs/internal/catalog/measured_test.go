package catalog

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/gotest"
)

func TestMeasuredTimesAreOfTheExperimentsThereAre(t *testing.T) {
	experiments := ours(t)
	var names []string
	for _, e := range experiments {
		if !e.Long {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	diff := cmp.Diff(names, slices.Sorted(maps.Keys(measured())))
	if !*update || diff == "" && !*figures {
		require.Empty(t, diff, "measured.json is out of date; run \"make generate\" (-want +got)")
		return
	}

	fresh := make(map[string]float64)
	for name, seconds := range measure(t, labs(experiments)) {
		if slices.Contains(names, name) {
			fresh[name] = math.Round(seconds*10) / 10
		}
	}
	require.Empty(t, cmp.Diff(names, slices.Sorted(maps.Keys(fresh))), "not all experiments can run here (-want +got)")
	path := "measured.json"
	text, err := json.MarshalIndent(fresh, "", "  ")
	require.NoError(t, err)
	isCurrent(t, path, read(t, path), string(text)+"\n")
}

// measure runs the labs and says how long each of their experiments took: as long as its longest part.
func measure(t *testing.T, labs []string) map[string]float64 {
	seconds := make(map[string]float64)
	args := []string{"-count=1"}
	for _, lab := range labs {
		args = append(args, "./"+lab)
	}
	err := gotest.Do(t.Context(), root, args, func(e gotest.Event) {
		test, _, _ := strings.Cut(e.Test, "/")
		if test != "" && e.Action == gotest.Pass {
			name := strings.TrimPrefix(e.Package, "socketlabs/") + "/" + test
			seconds[name] = max(seconds[name], e.Elapsed)
		}
	})
	require.NoError(t, err)
	return seconds
}
