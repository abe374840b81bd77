package exam

import (
	"fmt"
	"io"
	"slices"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/term"
)

// printTask prints the sentences of an exercise's task, and those that hold for every exercise.
func printTask(w io.Writer, width int, e catalog.Exercise) {
	fmt.Fprintln(w)
	for _, s := range slices.Concat(e.Task, e.Rules) {
		fmt.Fprintln(w, term.Hang("  "+s.ID+": ", s.Text, width))
	}
}
