package reportpage

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/kept/kepttest"
)

// hostile would run anywhere in a page that does not show it as text.
const hostile = `"'></title></style></script></pre><img src=x onerror=alert(1)><script>alert(1)</script>{{.}}`

func TestHostileContentIsText(t *testing.T) {
	skip.UnlessChecking(t, "writes the page of all experiments")
	segment := story.Segment{Connection: 1, Client: hostile, Server: hostile, From: story.Client, Flags: hostile,
		Meaning: hostile, Length: 1}
	record := &story.Record{Test: hostile, Began: kepttest.Began, Events: []story.Event{
		{Lane: story.Story, Kind: story.Step, Text: hostile},
		{Lane: story.Wire, Kind: story.Sent, Text: hostile, Segment: &segment},
		{Lane: hostile, Kind: story.Outcome, Text: hostile},
		{Lane: story.Story, Kind: story.Took, Text: hostile, Span: &story.Span{Took: 2, Least: 1}},
	}}
	var tests []kept.Test
	for _, test := range []string{vanished, vanished + "/" + hostile, table + "/" + hostile + "/none"} {
		for _, lab := range []string{lab3, lab4} {
			failed := kepttest.Ran(lab, test, gotest.Fail, record)
			failed.Says = []string{hostile}
			failed.Attributes = map[string]string{"outcome": hostile + " after 1 s", "judgment": hostile}
			tests = append(tests, failed)
		}
	}
	skipped := kepttest.Ran(lab3, long, gotest.Skip, nil)
	skipped.Says = []string{hostile}
	machine := kepttest.Ran(machineTest, "TestMachine", hostile, nil)
	machine.Attributes = map[string]string{"is/" + hostile: hostile}
	tests = append(tests, skipped, machine)
	late := []kept.Lateness{{Lab: hostile, Benchmark: "Benchmark" + hostile, Late: []time.Duration{-time.Second, 0, time.Hour}}}

	page, err := parsed([]kept.Run{{Tests: tests, Lateness: late}, {Kernel: hostile, Tests: tests, Lateness: late}})
	require.NoError(t, err)
	assert.Greater(t, strings.Count(text(page), "alert(1)"), 40, "it is not shown everywhere")
	for _, node := range all(page, "") {
		assert.False(t, runsOrLoads(node), "%s %v would run or load something", node.Data, node.Attr)
	}
	assert.Len(t, all(page, "script"), 1)
	assert.Len(t, all(page, "style"), 1)
}
