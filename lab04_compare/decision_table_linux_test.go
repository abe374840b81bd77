package lab04_compare

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// All defences are set to give a peer up after the same time, so that what tells them apart is what
// they see, not how long they wait.
const (
	giveUp = 3 * time.Second

	idle     = 1 * time.Second // of keepalive: of silence, before the first probe
	interval = 1 * time.Second // between probes
	count    = int((giveUp - idle) / interval)

	beat = 1 * time.Second // between an application's own pings

	observation = 5 * time.Second // after which a call that waits still is taken to wait for ever
)

// decisions is what each defence makes of each failure: whether that is right (✓), whether it sees
// nothing (○), or whether it kills a healthy connection (!); then how our call ended, and after how
// long at the earliest.
const decisions = `
|                          | none         | timeout        | keepalive       | both            | user timeout   | keepalive, user timeout | heartbeat       |
| nothing, idle            | ✓ served     | ! deadline 3s  | ✓ served        | ✓ served        | ✓ served       | ✓ served                | ✓ served        |
| slow answer              | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ✓ deadline 3s   | ○ waiting      | ○ waiting               | ○ waiting       |
| application hangs, asked | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ✓ deadline 3s   | ○ waiting      | ○ waiting               | ✓ deadline 3s   |
| application hangs, idle  | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ○ waiting       | ○ waiting      | ○ waiting               | ✓ deadline 3s   |
| process is killed        | ✓ EOF 0s     | ✓ EOF 0s       | ✓ EOF 0s        | ✓ EOF 0s        | ✓ EOF 0s       | ✓ EOF 0s                | ✓ EOF 0s        |
| host vanishes, idle      | ○ waiting    | ✓ deadline 3s  | ✓ ETIMEDOUT 3s  | ✓ ETIMEDOUT 3s  | ○ waiting      | ✓ ETIMEDOUT 3s          | ✓ deadline 3s   |
| host vanishes, asked     | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ✓ deadline 3s   | ✓ ETIMEDOUT 3s | ✓ ETIMEDOUT 3s          | ✓ deadline 3s   |
| host reboots, idle       | ○ waiting    | ✓ deadline 3s  | ✓ ECONNRESET 1s | ✓ ECONNRESET 1s | ○ waiting      | ✓ ECONNRESET 1s         | ✓ ECONNRESET 1s |
| peer stops reading       | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ✓ deadline 3s   | ✓ ETIMEDOUT 3s | ✓ ETIMEDOUT 3s          | ✓ deadline 3s   |
| short outage, asked      | ✓ served     | ✓ served       | ✓ served        | ✓ served        | ✓ served       | ✓ served                | ✓ served        |
| nobody answers connect   | ○ waiting    | ✓ deadline 3s  | ○ waiting       | ✓ deadline 3s   | ✓ ETIMEDOUT 3s | ✓ ETIMEDOUT 3s          | ○ waiting       |
`

// TestDecisionTable: eleven ways to fail against seven defences: which defence notices which failure, which
// notices nothing, and which ends a healthy connection.
//
// Claim: C3.
// Verdict: holds if the application answers whenever its host does; only a heartbeat finds an application that
// hangs while idle.
// Claim: C4.
// Verdict: holds, if keepalive's work includes sparing the healthy: a timeout on idle reads finds dead peers too,
// and drops healthy idle ones.
//
// Predict: who finds an application that hangs while nobody asks it anything, and drops no healthy peer?
//   - [ ] keepalive
//   - [ ] keepalive with TCP_USER_TIMEOUT
//   - [ ] a timeout on every read
//   - [x] a heartbeat
func TestDecisionTable(t *testing.T) {
	t.Parallel()
	wanted := parse(t, decisions)
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, d := range defences {
				t.Run(d.name, func(t *testing.T) { decide(t, f, d, wanted[f.name][d.name]) })
			}
		})
	}
}

// decide measures one cell of the table and compares it with the one that is wanted.
func decide(t *testing.T, f failure, d defence, want cell) {
	x := harness.Start(t, append(f.needs, harness.Linux)...)
	x.Step("%s; our defence: %s", f.name, d.name)
	begun := time.Now()
	p := f.peer(t, x)
	if p.client != nil {
		require.NoError(t, d.defend(t.Context(), p.client))
	}
	struck := time.Now()
	f.strike(t, x, d, &p)
	call := x.Launch(harness.Client, f.doing, func() error { return f.we(t.Context(), d, p) })

	ended := call.ReturnsWithin(time.Until(begun.Add(observation)))
	if f.end != nil && !ended {
		f.end(t, x, p)
	}
	if !ended && want.Outcome != stillWaiting {
		const late = 3 * observation // a busy machine may be late: look again before saying "never"
		ended = call.ReturnsWithin(late)
	}
	got := cell{Outcome: stillWaiting}
	took := "" // as measured
	if ended {
		got.Outcome = outcomeOf(call.Wait())
		if got.Outcome != served {
			took = fmt.Sprintf(" after %.2f s", call.Since(struck).Seconds())
		}
	}
	got.Judgement = f.wish.judge(got.Outcome)

	t.Attr("outcome", got.Outcome+took)
	t.Attr("judgement", string(got.Judgement))
	got.NotBefore = want.NotBefore // what is asserted of it comes next
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, our defence: %s (-want +got):\n%s", f.name, d.name, diff)
	}
	switch got.Outcome {
	case stillWaiting:
	case deadline: // of our call, by Go's clock
		x.AssertAtLeast(call.Took(), want.NotBefore)
	default: // of the kernel, since the last segment that we have received: while we connected
		x.AssertAtLeast(call.Since(begun), want.NotBefore-harness.Tick())
	}
}

// cell is what a defence makes of a failure.
type cell struct {
	Judgement judgement
	Outcome   string
	NotBefore time.Duration
}

// parse reads the table: failure, defence, cell. It must have all of them.
func parse(t *testing.T, table string) map[string]map[string]cell {
	t.Helper()
	var rows [][]string
	for line := range strings.Lines(strings.TrimSpace(table)) {
		columns := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		rows = append(rows, columns)
	}
	cells := map[string]map[string]cell{}
	for _, row := range rows[1:] {
		cells[row[0]] = map[string]cell{}
		for i, text := range row[1:] {
			cells[row[0]][rows[0][1+i]] = parseCell(t, text)
		}
	}
	for _, f := range failures {
		for _, d := range defences {
			require.Contains(t, cells[f.name], d.name, "the table says nothing of %q", f.name)
		}
	}
	return cells
}

func parseCell(t *testing.T, text string) cell {
	t.Helper()
	mark, rest, _ := strings.Cut(text, " ")
	outcome, notBefore, isTimed := strings.Cut(rest, " ")
	c := cell{Judgement: marks[mark], Outcome: outcome}
	if isTimed {
		var err error
		c.NotBefore, err = time.ParseDuration(notBefore)
		require.NoError(t, err)
	}
	return c
}
