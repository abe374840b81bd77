package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/gotest"
)

func newMatrixCommand(l *labs) *cobra.Command {
	return &cobra.Command{
		Use:   "matrix",
		Short: "Measure which defence sees which failure, and draw the table",
		Args:  cobra.NoArgs,
		RunE:  l.loaded(func(ctx context.Context, _ []string) error { return l.matrix(ctx) }),
	}
}

const decisionTable = "TestDecisionTable"

// matrix is the decision table: what each defence makes of each failure.
type matrix struct {
	failures, defences []string
	cells              map[[2]string]*cell
}

// cell is what the test TestDecisionTable/failure/defence says about itself.
type cell struct {
	outcome   string // of our call, and when
	judgement string // right, blind or false alarm
	result    string // of the test; empty as long as it runs
}

// add takes an event of go test. Rows and columns have the order in which their tests began.
func (m *matrix) add(e gotest.Event) {
	parts := strings.Split(strings.ReplaceAll(e.Test, "_", " "), "/")
	if parts[0] != decisionTable || len(parts) < 2 {
		return
	}
	failure := parts[1]
	if !slices.Contains(m.failures, failure) {
		m.failures = append(m.failures, failure)
	}
	if len(parts) != 3 {
		return
	}
	defence := parts[2]
	if !slices.Contains(m.defences, defence) {
		m.defences = append(m.defences, defence)
	}
	at := [2]string{failure, defence}
	if m.cells == nil {
		m.cells = make(map[[2]string]*cell)
	}
	if m.cells[at] == nil {
		m.cells[at] = new(cell)
	}
	switch {
	case e.IsResult():
		m.cells[at].result = e.Action
	case e.Action == gotest.Attr && e.Key == "outcome":
		m.cells[at].outcome = e.Value
	case e.Action == gotest.Attr && e.Key == "judgement":
		m.cells[at].judgement = e.Value
	}
}

// matrixView draws the table as its cells come in.
type matrixView struct {
	screen  *screen
	results *results
	matrix  matrix
}

func (v *matrixView) event(e gotest.Event) {
	v.results.add(e)
	v.matrix.add(e)
}

func (v *matrixView) tick() error {
	if !v.screen.isLive() {
		return nil
	}
	width, height := v.screen.size()
	status := faint.Render(v.results.since())
	for _, draw := range []func(int) string{v.matrix.inWords, v.matrix.inMarks} {
		if table := draw(width); table != "" && strings.Count(table, "\n")+2 < height {
			return v.screen.setBottom(table + "\n" + status)
		}
	}
	return v.screen.setBottom(status)
}

func (v *matrixView) end() error { return endLive(v.screen) }

func (l *labs) matrix(ctx context.Context) error {
	v := &matrixView{screen: l.screen, results: new(results)}
	err := drive(ctx, l.root, []string{"-count=1", "-run", "^" + decisionTable + "$", "./lab04_compare"}, v, nil)
	if err != nil && !errors.Is(err, gotest.ErrFailed) {
		return err
	}
	width := l.screen.width()
	if !l.screen.isTerminal() {
		width = max(width, v.matrix.widthInWords())
	}
	table := v.matrix.inWords(width)
	if table == "" {
		table = v.matrix.inMarks(width)
	}
	fmt.Fprintln(l.screen, table)
	for _, o := range v.results.experiments {
		for _, part := range o.all() {
			if part.result == gotest.Fail {
				fmt.Fprint(l.screen, (&drawing{width: width}).failure(part.test, part.says))
			}
		}
	}
	l.reasons(v.results)
	return err
}
