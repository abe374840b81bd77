package report

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/timeline"
	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
	"socketlabs/labs/kept"
)

const root = "../.."

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
				{Outcome: kept.Outcome{Lab: doctor, Test: "TestMachine", Result: gotest.Pass,
					Attributes: map[string]string{"is/clock_tick": "4ms", "can/Wire": ""}}},
				ran(lab3, vanished, gotest.Pass, died(4*time.Second, 3*time.Second)),
				{Outcome: kept.Outcome{Lab: lab3, Test: long, Result: gotest.Skip, Began: began,
					Says: []string{"    system_settings_linux_test.go:7: needs LongTimers: wait"}}},
				ran(lab4, table, gotest.Fail, nil),
				ran(lab4, table+"/host_vanishes,_idle", gotest.Fail, nil),
				{
					Outcome: kept.Outcome{Lab: lab4, Test: cell, Result: gotest.Fail, Began: began, Took: 3,
						Says:       []string{"    decision_table_linux_test.go:99: it should have died"},
						Attributes: map[string]string{"judgement": "right", "outcome": "ETIMEDOUT after 3.08 s"}},
					Timeline: died(3080*time.Millisecond, 2990*time.Millisecond),
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

func ran(lab, test, result string, story *timeline.Record) kept.Test {
	return kept.Test{
		Outcome:  kept.Outcome{Lab: lab, Test: test, Result: result, Began: began, Took: 4},
		Timeline: story,
	}
}

// died is the story of a read that ends when its connection dies.
func died(after, least time.Duration) *timeline.Record {
	probe := timeline.Segment{Connection: 1, Client: "127.0.0.1:1", Server: "127.0.0.1:2", From: timeline.Client,
		Flags: ".", Meaning: timeline.KeepaliveProbe, Unheard: true}
	return &timeline.Record{Began: began, Events: []timeline.Event{
		{Lane: timeline.Story, Kind: timeline.Step, Text: "the host vanishes"},
		{At: time.Second, Lane: timeline.Wire, Kind: timeline.Sent, Text: probe.String(), Segment: &probe},
		{At: after, Lane: timeline.Client, Kind: timeline.Outcome, Text: "Read: connection timed out"},
		{At: after, Lane: timeline.Story, Kind: timeline.Check, Text: timeline.Comparison{Took: after, Least: least}.String()},
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

func TestEveryExperimentIsThere(t *testing.T) {
	page := written(t)
	experiments, err := catalog.Load(root)
	require.NoError(t, err)
	for _, e := range experiments {
		section := with(t, page, "id", e.Name())
		assert.Equal(t, "article", section.Data)
		assert.Contains(t, text(section), capital(e.Title))
		assert.Contains(t, text(section), e.Explanation)
		source, err := e.Source(root)
		require.NoError(t, err)
		assert.Contains(t, text(section), strings.Join(strings.Fields(source), " ")[:40])
		for _, claim := range e.Claims {
			with(t, section, "href", "#"+claim)
		}
	}
}

func TestEveryLinkHasItsTarget(t *testing.T) {
	page := written(t)
	ids := make(map[string]bool)
	for _, node := range all(page, "") {
		if id := attribute(node, "id"); id != "" {
			assert.False(t, ids[id], "the id %q is there twice", id)
			ids[id] = true
		}
	}
	for _, node := range all(page, "") {
		for _, name := range []string{"aria-labelledby", "aria-describedby", "for"} {
			if to := attribute(node, name); to != "" {
				assert.True(t, ids[to], "%s=%q names nothing", name, to)
			}
		}
	}
	links := all(page, "a")
	assert.Greater(t, len(links), 400)
	for _, link := range links {
		to, isInternal := strings.CutPrefix(attribute(link, "href"), "#")
		assert.True(t, isInternal, "%q leaves the page", attribute(link, "href"))
		to, err := url.PathUnescape(to)
		assert.NoError(t, err)
		assert.True(t, ids[to], "there is no %q to go to", to)
	}
}

func TestPageIsBuiltForAllReaders(t *testing.T) {
	page := written(t)
	assert.Equal(t, "en", attribute(all(page, "html")[0], "lang"))
	assert.Len(t, all(page, "h1"), 1)
	assert.Len(t, all(page, "main"), 1)
	level := 0
	for _, node := range all(page, "") {
		if headings := []string{"h1", "h2", "h3", "h4"}; slices.Contains(headings, node.Data) {
			next := slices.Index(headings, node.Data) + 1
			assert.LessOrEqual(t, next, level+1, "a level is left out before %q", text(node))
			level = next
		}
		if slices.Contains(strings.Fields(attribute(node, "class")), "scroll") {
			assert.Equal(t, "0", attribute(node, "tabindex"), "what scrolls can be reached by keys")
			assert.Contains(t, []string{"region", "group"}, attribute(node, "role"))
			assert.NotEmpty(t, attribute(node, "aria-label"))
		}
	}
	for _, node := range all(page, "table") {
		assert.Len(t, all(node, "caption"), 1, text(node))
		for _, head := range all(node, "th") {
			assert.NotEmpty(t, attribute(head, "scope"), text(head))
		}
	}
	for _, node := range all(page, "svg") {
		assert.Equal(t, "img", attribute(node, "role"))
		assert.NotEmpty(t, attribute(node, "aria-label"))
	}
}

func TestExperimentShowsWhatBecameOfIt(t *testing.T) {
	section := with(t, written(t), "id", lab3+"/"+vanished)
	assert.Equal(t, lab3, attribute(section, "data-lab"))
	assert.Equal(t, "holds", attribute(section, "data-verdict"))
	assert.Equal(t, "passed", attribute(section, "data-result"))
	assert.Equal(t, "vanished peer", attribute(section, "data-failure"))
	assert.NotEmpty(t, all(section, "svg"), "there is no picture")
	assert.Contains(t, text(section), "✓ passed, 4.0 s")
	assert.Contains(t, text(section), "client: Read: connection timed out 4s 3s 1s")
	assert.Contains(t, text(section), "1.000 s wire client → server keepalive probe")
}

func TestFailedPartIsOpenAndSaysWhy(t *testing.T) {
	page := written(t)
	part := with(t, page, "id", lab4+"/"+cell)
	assert.Contains(t, text(part), "it should have died")
	for above := part; above.Data != "article"; above = above.Parent {
		if above.Data == "details" {
			assert.True(t, slices.ContainsFunc(above.Attr, func(a html.Attribute) bool { return a.Key == "open" }),
				"%s hides the failure", attribute(above, "id"))
		}
	}
	assert.Equal(t, "failed", attribute(with(t, page, "id", lab4+"/"+table), "data-result"))
}

func TestLongExperimentIsShownOnItsKernel(t *testing.T) {
	page := written(t)
	section := with(t, page, "id", lab3+"/"+long)
	assert.Equal(t, "passed", attribute(section, "data-result"))
	assert.Contains(t, text(section), "passed on Linux "+kernel+", 4.0 s")
	assert.Contains(t, text(section), "needs LongTimers: wait")
	with(t, page, "id", kernel+"/"+lab3+"/"+long)
	assert.Contains(t, text(with(t, page, "id", "timers")), "52.0 s later")
}

func TestWhatItRanOn(t *testing.T) {
	page := written(t)
	head := text(all(page, "header")[0])
	assert.Contains(t, head, "this machine 21 November 2026, 10:00 UTC 4.0 s ✗ 1 failed ✓ 1 passed – 1 skipped")
	assert.Contains(t, head, "Linux "+kernel+" 21 November 2026, 10:00 UTC 4.0 s ✓ 1 passed")
	assert.Contains(t, head, "clock tick 4ms")
	assert.Contains(t, head, "needs LongTimers: wait System settings take over two hours")
}

func TestDecisionLeadsToItsPicture(t *testing.T) {
	section := with(t, written(t), "id", "decisions")
	link := with(t, section, "href", "#"+lab4+"/"+cell)
	assert.Equal(t, "✓ right ETIMEDOUT after 3.08 s", text(link))
	assert.Equal(t, "good", attribute(link.Parent, "class"))
}

func TestWhatWasNotMeasuredSaysHowToMeasureIt(t *testing.T) {
	page, err := parsed(nil)
	require.NoError(t, err)
	for section, command := range map[string]string{
		"decisions":           "go run ./labs report",
		"lateness":            "go run ./labs report",
		"timers":              "go run ./labs timemachine --keep DIR",
		lab3 + "/" + vanished: "go run ./labs report",
	} {
		assert.Contains(t, text(with(t, page, "id", section)), command)
	}
	assert.Equal(t, "not run", attribute(with(t, page, "id", lab3+"/"+vanished), "data-result"))
}

func TestPageNeedsAModule(t *testing.T) {
	assert.ErrorContains(t, Write(new(bytes.Buffer), t.TempDir(), nil), "no experiment")
}

func TestLegendHasItsExample(t *testing.T) {
	legend := with(t, written(t), "aria-labelledby", "legend")
	assert.NotEmpty(t, all(legend, "svg"))
	assert.Equal(t, "#"+example, attribute(all(legend, "a")[0], "href"))

	without, err := parsed(nil)
	require.NoError(t, err)
	assert.NotContains(t, text(without), "How to read a picture", "there is none to read")
}

func TestClaimsSayWhichExperimentsDidNotPass(t *testing.T) {
	claims := with(t, written(t), "id", "claims")
	says := make(map[string]string)
	for _, item := range all(claims, "li") {
		says[attribute(all(item, "a")[0], "href")] = text(item)
	}
	assert.Regexp(t, `^Vanished peer`, says["#"+lab3+"/"+vanished])
	assert.Regexp(t, `^✗ failed Decision table`, says["#"+lab4+"/"+table])
	assert.Regexp(t, `^– not run Read waits for silent peer`, says["#lab01_timeout/TestReadWaitsForSilentPeer"])
}
