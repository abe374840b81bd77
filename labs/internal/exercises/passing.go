package exercises

import (
	"fmt"
	"os"
	"path/filepath"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

// noting remembers what passes, of the text that was there when the grading began and that is still there. It calls each
// first.
func noting(known *progress, graded []catalog.Exercise, each func(grade.Result)) func(grade.Result) {
	sums := make(map[string]string)
	for _, e := range graded {
		sums[e.FullName()] = known.sum(e)
	}
	return func(r grade.Result) {
		each(r)
		sum := sums[r.FullName()]
		if r.Result != report.Passed && r.Result != report.Failed || known.sum(r.Exercise) != sum {
			return
		}
		known.note(r.Exercise, r.Result == report.Passed, sum)
	}
}

// afterPassing says what to look at when an exercise has passed. A student's folder has no solutions.
func afterPassing(root string, e catalog.Exercise) string {
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(solutionOf(e)))); err == nil {
		return fmt.Sprintf("our solution beside yours, and what wrong ones do: go run ./labs solution %s", e.FullName())
	}
	return fmt.Sprintf("why it works: go run ./labs show %s", e.Read[0])
}
