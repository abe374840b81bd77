package reportpage

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

const root = "../../.."

// vanished is an experiment of Lab 3 with a picture, table a cell of Lab 4's table, long an experiment
// that only the time machine can show.
const (
	vanished = "TestVanishedPeerOnTheWire"
	table    = "TestDecisionTable"
	cell     = table + "/host_vanishes,_idle/keepalive"
	long     = "TestSystemSettingsTakeOverTwoHours"
	lab3     = "lab03_keepalive"
	lab4     = "lab04_compare"
	kernel   = "6.1.0-1-amd64"
)

var began = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// someRuns are on the machine itself and on a kernel in the time machine.
func someRuns() []kept.Run {
	return []kept.Run{
		{
			Tests: []kept.Test{
				{Outcome: kept.Outcome{Lab: machineTest, Test: "TestMachine", Result: gotest.Pass,
					Attributes: map[string]string{"is/clock_tick": "4ms", "can/Wire": ""}}},
				ran(lab3, vanished, gotest.Pass, died(4*time.Second, 3*time.Second)),
				{Outcome: kept.Outcome{Lab: lab3, Test: long, Result: gotest.Skip, Began: began,
					Says: []string{"    system_settings_linux_test.go:7: needs LongTimers: wait"}}},
				ran(lab4, table, gotest.Fail, nil),
				ran(lab4, table+"/host_vanishes,_idle", gotest.Fail, nil),
				{
					Outcome: kept.Outcome{Lab: lab4, Test: cell, Result: gotest.Fail, Began: began, Took: 3,
						Says:       []string{"    decision_table_linux_test.go:99: it should have died"},
						Attributes: map[string]string{"judgment": "right", "outcome": "ETIMEDOUT after 3.08 s"}},
					Story: died(3080*time.Millisecond, 2990*time.Millisecond),
				},
			},
			Lateness: []kept.Lateness{{Lab: lab3, Benchmark: "BenchmarkKeepaliveLateness/1s+1×1s",
				Late: []time.Duration{40 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond}}},
		},
		{
			Kernel: kernel,
			Tests:  []kept.Test{ran(lab3, long, gotest.Pass, died(7927*time.Second, 7875*time.Second))},
		},
	}
}

func ran(lab, test, result string, record *story.Record) kept.Test {
	return kept.Test{
		Outcome: kept.Outcome{Lab: lab, Test: test, Result: result, Began: began, Took: 4},
		Story:   record,
	}
}

// died is the story of a read that ends when its connection dies.
func died(after, least time.Duration) *story.Record {
	probe := story.Segment{Connection: 1, Client: "127.0.0.1:1", Server: "127.0.0.1:2", From: story.Client,
		Flags: ".", Meaning: story.KeepaliveProbe, Unheard: true}
	return &story.Record{Began: began, Events: []story.Event{
		{Lane: story.Story, Kind: story.Step, Text: "the host vanishes"},
		{At: time.Second, Lane: story.Wire, Kind: story.Sent, Text: probe.String(), Segment: &probe},
		{At: after, Lane: story.Client, Kind: story.Outcome, Text: "Read: connection timed out"},
		{At: after, Lane: story.Story, Kind: story.Took, Text: "took " + after.String(), Span: &story.Span{Took: after, Least: least}},
	}}
}

// somePage is the page about some runs. Tests only look at it.
var somePage = sync.OnceValues(func() (*html.Node, error) { return parsed(someRuns()) })

func parsed(runs []kept.Run) (*html.Node, error) {
	var page bytes.Buffer
	if err := Write(&page, root, runs); err != nil {
		return nil, err
	}
	return html.Parse(&page)
}

func written(t *testing.T) *html.Node {
	t.Helper()
	page, err := somePage()
	require.NoError(t, err)
	return page
}

// all gives the elements of a name, in their order; "" means any.
func all(in *html.Node, name string) (found []*html.Node) {
	for node := range in.Descendants() {
		if node.Type == html.ElementNode && (name == "" || node.Data == name) {
			found = append(found, node)
		}
	}
	return found
}

func attribute(of *html.Node, name string) string {
	for _, a := range of.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// with gives the first element that has an attribute with a value.
func with(t *testing.T, in *html.Node, name, value string) *html.Node {
	t.Helper()
	for _, node := range all(in, "") {
		if attribute(node, name) == value {
			return node
		}
	}
	require.Failf(t, "missing", "there is no element with %s=%q", name, value)
	return nil
}

// text is what a reader reads, with single spaces.
func text(in *html.Node) string {
	var b strings.Builder
	for node := range in.Descendants() {
		if node.Type == html.TextNode {
			b.WriteString(node.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
