package travel

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
)

// times prints the measured times of each kernel.
func (j journey) times(s *term.Screen, chosen []catalog.Experiment, trips []*trip) error {
	switch {
	case j.asJSON:
		return cli.JSON(s, records(chosen, trips))
	case j.asMarkdown:
		_, err := io.WriteString(s, markdownTable(table(chosen, trips, true)))
		return err
	}
	rows := table(chosen, trips, false)
	text := term.Table(rows)
	if s.IsTerminal() && ansi.StringWidth(strings.Split(text, "\n")[0]) > s.Width() {
		text = term.Stacked(rows)
	}
	_, err := io.WriteString(s, text)
	return err
}

// table has a row for each timer of minutes or hours, and a row for the real time that all of them took.
func table(chosen []catalog.Experiment, trips []*trip, linked bool) [][]string {
	head := []string{"timer", "nominal"}
	foot := []string{"all of it, in our own time", ""}
	for _, t := range trips {
		head = append(head, "Linux "+t.release)
		if t.own == nil {
			foot = append(foot, story.Tenths(t.wall))
		} else {
			foot = append(foot, "")
		}
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
			row[1] = cmp.Or(t.measured(e).ideal(), row[1])
		}
		for _, t := range trips {
			m := t.measured(e)
			cell := m.String()
			if ideal := m.ideal(); ideal != "" && ideal != row[1] { // older kernels have other timers
				cell += " (nominal " + ideal + ")"
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return append(rows, foot)
}

// measured is an experiment's measurement of its timer.
type measured struct {
	result         string
	nominal, after time.Duration // zero if it compares no times
	says           string        // why it failed or was skipped
}

// notRun is the result of an experiment that did not run.
const notRun = "not run"

func (m measured) String() string {
	switch {
	case m.result == notRun:
		return ""
	case m.result == gotest.Fail:
		return "failed"
	case m.result == gotest.Skip:
		return "skipped"
	case m.result == results.Unfinished:
		return "did not end"
	case m.after == 0:
		return "passed"
	}
	return story.Tenths(m.after)
}

// ideal is the nominal time in words. The bound of a test is a tick less, which the words do not show.
func (m measured) ideal() string {
	if m.nominal == 0 {
		return ""
	}
	return story.Tenths(m.nominal)
}

// measured is the last time that an experiment has compared.
func (t *trip) measured(e catalog.Experiment) (m measured) {
	if t.own != nil {
		if m, ran := t.own[e.Name()]; ran {
			return m
		}
		return measured{result: notRun}
	}
	o := t.results.Of(e.Name())
	if o == nil {
		return m
	}
	m.result, m.says = o.Result, strings.TrimSpace(strings.Join(o.Says, "\n"))
	if o.Span != nil {
		m.nominal, m.after = o.Span.Least, o.Span.Took
	}
	return m
}

// record is what --json prints for an experiment on a kernel.
type record struct {
	Kernel   string  `json:"kernel"` // the kernel's release
	Lab      string  `json:"lab"`
	Test     string  `json:"test"`
	Result   string  `json:"result"`
	Nominal  float64 `json:"nominal"`  // seconds; 0 if it compares no times
	Measured float64 `json:"measured"` // seconds of the kernel's clock
	Says     string  `json:"says"`     // why it failed or was skipped
	Wall     float64 `json:"wall"`     // seconds of real time, for all experiments on this kernel
}

func records(chosen []catalog.Experiment, trips []*trip) []record {
	all := []record{}
	for _, t := range trips {
		for _, e := range chosen {
			m := t.measured(e)
			switch m.result {
			case notRun:
				continue
			case results.Unfinished:
				m.result = "unfinished"
			}
			all = append(all, record{t.release, e.Lab, e.Test, m.result,
				m.nominal.Seconds(), m.after.Seconds(), m.says, t.wall.Seconds()})
		}
	}
	return all
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
