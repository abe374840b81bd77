// Package kepttest has sample runs, for tests of what shows runs.
package kepttest

import (
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

// Vanished is an experiment of Lab 3 with a picture, Table a cell of Lab 4's table, Long an experiment
// that only the time machine can show.
const (
	Vanished = "TestVanishedPeerOnTheWire"
	Table    = "TestDecisionTable"
	Cell     = Table + "/host_vanishes,_idle/keepalive"
	Long     = "TestSystemSettingsTakeOverTwoHours"
	Lab3     = "lab03_keepalive"
	Lab4     = "lab04_compare"
	Kernel   = "6.1.0-1-amd64"
)

// Began is when all sample tests began.
var Began = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// SomeRuns are two sample runs: on the machine itself, and on a kernel in the time machine.
func SomeRuns() []kept.Run {
	return []kept.Run{
		{
			Tests: []kept.Test{
				{Outcome: kept.Outcome{Lab: "machinetest", Test: "TestMachine", Result: gotest.Pass,
					Attributes: map[string]string{"is/clock_tick": "4ms", "can/Wire": ""}}},
				Ran(Lab3, Vanished, gotest.Pass, Died(4*time.Second, 3*time.Second)),
				{Outcome: kept.Outcome{Lab: Lab3, Test: Long, Result: gotest.Skip, Began: Began,
					Says: []string{"    system_settings_linux_test.go:7: needs LongTimers: wait"}}},
				Ran(Lab4, Table, gotest.Fail, nil),
				Ran(Lab4, Table+"/host_vanishes,_idle", gotest.Fail, nil),
				{
					Outcome: kept.Outcome{Lab: Lab4, Test: Cell, Result: gotest.Fail, Began: Began, Took: 3,
						Says:       []string{"    decision_table_linux_test.go:99: it should have died"},
						Attributes: map[string]string{"judgment": "right", "outcome": "ETIMEDOUT after 3.08 s"}},
					Story: Died(3080*time.Millisecond, 2990*time.Millisecond),
				},
			},
			Lateness: []kept.Lateness{{Lab: Lab3, Benchmark: "BenchmarkKeepaliveLateness/1s+1×1s",
				Late: []time.Duration{40 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond}}},
		},
		{
			Kernel: Kernel,
			Tests:  []kept.Test{Ran(Lab3, Long, gotest.Pass, Died(7927*time.Second, 7875*time.Second))},
		},
	}
}

// Ran is a sample test.
func Ran(lab, test, result string, record *story.Record) kept.Test {
	return kept.Test{
		Outcome: kept.Outcome{Lab: lab, Test: test, Result: result, Began: Began, Took: 4},
		Story:   record,
	}
}

// Died is the story of a Read that ends when its connection dies.
func Died(after, least time.Duration) *story.Record {
	probe := story.Segment{Connection: 1, Client: "127.0.0.1:1", Server: "127.0.0.1:2", From: story.Client,
		Flags: ".", Meaning: story.KeepaliveProbe, Unheard: true}
	return &story.Record{Began: Began, Events: []story.Event{
		{Lane: story.Story, Kind: story.Step, Text: "the host vanishes"},
		{At: time.Second, Lane: story.Wire, Kind: story.Sent, Text: probe.String(), Segment: &probe},
		{At: 2 * time.Second, Lane: story.Wire, Kind: story.Sent, Text: probe.String(), Segment: &probe},
		{At: after, Lane: story.Client, Kind: story.Outcome, Text: "Read: connection timed out"},
		{At: after, Lane: story.Story, Kind: story.Took, Text: "took " + after.String(), Span: &story.Span{Took: after, Least: least}},
	}}
}
