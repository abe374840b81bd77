// Package decisions reads Lab 4's decision table from the events of the test that measures it.
package decisions

import (
	"slices"
	"strings"

	"socketlabs/labs/internal/gotest"
)

// Test is the test that measures the table, and Lab its folder.
const (
	Test = "TestDecisionTable"
	Lab  = "lab04_compare"
)

// Table is the outcome of each failure with each defense. Rows and columns have the order in which their
// tests began.
type Table struct {
	Failures, Defenses []string
	cells              map[[2]string]*Cell
}

// Cell is what the test TestDecisionTable/failure/defense says about itself.
type Cell struct {
	Test     string // the test that measures it
	Outcome  string // how our call ended, and when
	Judgment string // right, blind or false alarm
	Result   string // of the test; empty while it runs
}

// Add takes an event of go test.
func (t *Table) Add(e gotest.Event) {
	cell := t.cellOf(e.Test)
	switch {
	case cell == nil:
	case e.IsResult():
		cell.Result = e.Action
	case e.Action == gotest.Attr:
		cell.learn(e.Key, e.Value)
	}
}

// AddOutcome adds the kept outcome of a test: its result, and the attributes that the test gave itself.
func (t *Table) AddOutcome(test, result string, attributes map[string]string) {
	if cell := t.cellOf(test); cell != nil {
		cell.Result = result
		for key, value := range attributes {
			cell.learn(key, value)
		}
	}
}

func (c *Cell) learn(key, value string) {
	switch key {
	case "outcome":
		c.Outcome = value
	case "judgment":
		c.Judgment = value
	}
}

// cellOf is the cell that a test fills, or nil. It adds the test's row and column if the table does not have them.
func (t *Table) cellOf(test string) *Cell {
	parts := strings.Split(strings.ReplaceAll(test, "_", " "), "/")
	if parts[0] != Test || len(parts) < 2 {
		return nil
	}
	failure := parts[1]
	if !slices.Contains(t.Failures, failure) {
		t.Failures = append(t.Failures, failure)
	}
	if len(parts) != 3 {
		return nil
	}
	defense := parts[2]
	if !slices.Contains(t.Defenses, defense) {
		t.Defenses = append(t.Defenses, defense)
	}
	cell := t.at(failure, defense)
	cell.Test = test
	return cell
}

// HasGaps reports whether a cell was not measured, because its failure can't be made to happen here.
func (t *Table) HasGaps() bool {
	for _, cell := range t.cells {
		if cell.Outcome == "" {
			return true
		}
	}
	return len(t.cells) == 0
}

// Cell is a cell of the table. It is empty while nothing is known about it.
func (t *Table) Cell(failure, defense string) Cell { return *t.at(failure, defense) }

func (t *Table) at(failure, defense string) *Cell {
	if t.cells == nil {
		t.cells = make(map[[2]string]*Cell)
	}
	at := [2]string{failure, defense}
	if t.cells[at] == nil {
		t.cells[at] = new(Cell)
	}
	return t.cells[at]
}
