package reportpage

import (
	"strings"

	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/kept"
)

// decisionTable is Lab 4's table, from the first run that has measured it.
type decisionTable struct {
	Defenses []string
	Rows     []decisionRow
}

type decisionRow struct {
	Failure string
	Cells   []decisionCell
}

type decisionCell struct {
	decisions.Cell
	ID string // the id of the section with its picture
}

func newDecisionTable(runs []kept.Run) *decisionTable {
	for _, r := range runs {
		var table decisions.Table
		for _, t := range r.Tests {
			if t.Lab == decisions.Lab {
				table.AddOutcome(t.Test, t.Result, t.Attributes)
			}
		}
		if len(table.Defenses) == 0 {
			continue
		}
		shown := &decisionTable{Defenses: table.Defenses}
		for _, failure := range table.Failures {
			row := decisionRow{Failure: failure}
			for _, defense := range table.Defenses {
				cell := table.Cell(failure, defense)
				row.Cells = append(row.Cells, decisionCell{cell, idOf(r, decisions.Lab, cell.Test)})
			}
			shown.Rows = append(shown.Rows, row)
		}
		return shown
	}
	return nil
}

// When is how our call ended, in words that the browser keeps on one line.
func (c decisionCell) When() string {
	ended, after, isTimed := strings.Cut(c.Outcome, " after ")
	if !isTimed {
		return ended
	}
	return ended + " after\u00a0" + strings.ReplaceAll(after, " ", "\u00a0")
}

// Mark is the judgment as a sign.
func (c decisionCell) Mark() string { return decisions.Marks[c.Judgment] }

// Class is the judgment's name in the style sheet.
func (c decisionCell) Class() string {
	switch c.Judgment {
	case "right":
		return "good"
	case "blind":
		return "neutral"
	case "false alarm":
		return "bad"
	default:
		return ""
	}
}
