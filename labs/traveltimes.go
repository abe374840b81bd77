package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
)

// times prints what was measured on each kernel.
func (l *labs) times(chosen []catalog.Experiment, trips []*trip, j journey) error {
	switch {
	case j.asJSON:
		return writeJSON(l.screen, travelRecords(chosen, trips))
	case j.asMarkdown:
		_, err := io.WriteString(l.screen, markdownTable(travelTable(chosen, trips, true)))
		return err
	}
	rows := travelTable(chosen, trips, false)
	table := plainTable(rows)
	if l.screen.isTerminal() && ansi.StringWidth(strings.Split(table, "\n")[0]) > l.screen.width() {
		table = stacked(rows)
	}
	_, err := io.WriteString(l.screen, table)
	return err
}

// travelTable has a row for each timer of minutes or hours, and one for how long we waited for all.
func travelTable(chosen []catalog.Experiment, trips []*trip, linked bool) [][]string {
	head := []string{"timer", "nominal"}
	foot := []string{"all of it, in our own time", ""}
	for _, t := range trips {
		head = append(head, "Linux "+t.release)
		foot = append(foot, shortly(t.wall))
	}
	rows := [][]string{head}
	for _, e := range chosen {
		if !e.Long {
			continue
		}
		name := e.Words()
		if linked {
			name = fmt.Sprintf("[%s](%s)", name, e.Page())
		}
		row := []string{name, ""}
		for _, t := range trips {
			m := t.measured(e)
			if m.nominal > 0 {
				row[1] = shortly(m.nominal)
			}
			row = append(row, m.String())
		}
		rows = append(rows, row)
	}
	return append(rows, foot)
}

// measured is what an experiment has found of its timer.
type measured struct {
	result         string
	nominal, after time.Duration // zero if it compares no times
	says           string        // why it failed or was skipped
}

func (m measured) String() string {
	switch {
	case m.result == gotest.Fail:
		return "failed"
	case m.result == gotest.Skip:
		return "skipped"
	case m.result == unfinished:
		return "did not end"
	case m.after == 0:
		return "passed"
	}
	return shortly(m.after)
}

// measured is the last time that an experiment has compared, which is that of its end.
func (t *trip) measured(e catalog.Experiment) (m measured) {
	o := t.results.byName[e.Name()]
	if o == nil {
		return m
	}
	m.result, m.says = o.Result, strings.TrimSpace(strings.Join(o.Says, "\n"))
	if o.span != nil {
		m.nominal, m.after = o.span.Least, o.span.Took
	}
	return m
}

// shortly gives a time to a tenth of a second. An experiment allows for a tick less than the nominal time,
// which is less than that.
func shortly(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }

// travelRecord is what --json prints of one experiment on one kernel.
type travelRecord struct {
	Kernel   string  `json:"kernel"` // its release
	Lab      string  `json:"lab"`
	Test     string  `json:"test"`
	Result   string  `json:"result"`
	Nominal  float64 `json:"nominal"`  // seconds; 0 if it compares no times
	Measured float64 `json:"measured"` // seconds of the kernel's
	Says     string  `json:"says"`     // why it failed or was skipped
	Wall     float64 `json:"wall"`     // seconds of ours, for all experiments on this kernel
}

func travelRecords(chosen []catalog.Experiment, trips []*trip) []travelRecord {
	records := []travelRecord{}
	for _, t := range trips {
		for _, e := range chosen {
			m := t.measured(e)
			if m.result == unfinished {
				m.result = "unfinished"
			}
			records = append(records, travelRecord{t.release, e.Lab, e.Test, m.result,
				m.nominal.Seconds(), m.after.Seconds(), m.says, t.wall.Seconds()})
		}
	}
	return records
}

func markdownTable(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// stacked puts the cells of a row below each other, each with the head of its column.
func stacked(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows[1:] {
		b.WriteString(bold.Render(row[0]) + "\n")
		for i, cell := range row[1:] {
			if cell != "" {
				fmt.Fprintf(&b, "  %11s   %s\n", cell, faint.Render(rows[0][i+1]))
			}
		}
	}
	return b.String()
}

func plainTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], ansi.StringWidth(text))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		var line strings.Builder
		for i, text := range row {
			fmt.Fprintf(&line, "%-*s   ", widths[i], text)
		}
		text := strings.TrimRight(line.String(), " ")
		if n == 0 {
			text = bold.Render(text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}
