package harness_test

import (
	"go/ast"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/internal/event"
	"socketlabs/harness/peer"
)

func TestTooEarlyFails(t *testing.T) {
	r := &child.Recorder{TB: t}
	x := harness.Start(r)
	assert.True(t, x.AssertAtLeast(time.Second, time.Second))
	assert.Empty(t, r.Errors)
	assert.False(t, x.AssertAtLeast(time.Second-time.Nanosecond, time.Second))
	assert.Equal(t, []string{"too early: took 999.999999 ms (at least 1 s expected)"}, r.Errors)
}

// A call that returns 200 µs too early fails the test, even though telling the story takes longer than 200 µs.
func TestSlightlyTooEarlyFails(t *testing.T) {
	t.Parallel()
	for _, look := range [][]string{nil, {"-test.v"}} {
		cmd := child.Command(t, "TestChildReturnsSlightlyTooEarly")
		cmd.Args = append(cmd.Args, look...)
		out, _ := cmd.CombinedOutput()
		assert.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", out)
		assert.Contains(t, string(out), "too early: took ", "in the test")
		assert.Contains(t, string(out), "too early, begun: took ", "of a call that was begun")
	}
}

const (
	bound    = 20 * time.Millisecond
	tooEarly = 200 * time.Microsecond
)

// returnTooEarly is a call that should take the bound, and returns before it. On a busy machine it may still take too
// long: then it returns false, and the test calls it again.
func returnTooEarly() (early bool) {
	begun := time.Now()
	for time.Since(begun) < bound-tooEarly {
	}
	return time.Since(begun) < bound-tooEarly/2
}

func TestChildReturnsSlightlyTooEarly(t *testing.T) {
	x := harness.Start(t)
	peer.PairNoKeepalive(x) // segments for the capture
	for early := false; !early; {
		x.Step("a call begins")
		begun := time.Now()
		early = returnTooEarly()
		took := time.Since(begun)
		x.Outcome(harness.Client, "the call has returned")
		early = early && took < bound
		if early {
			x.AssertAtLeast(took, bound)
		}
	}
	for early := false; !early; {
		call := x.Begin(harness.Client, "a call", func() error {
			early = returnTooEarly()
			return nil
		})
		took := call.Took()
		early = early && took < bound
		if early && took < bound {
			t.Logf("too early, begun: took %v", took)
		}
	}
}

// The clock is read directly before and after the call under study. An instrument in between takes time, which
// would be added to what the call took, and hide that it returned early.
func TestNoInstrumentStandsBetweenClockAndCall(t *testing.T) {
	functions, files := functionsOfLabs(t)
	for _, function := range functions {
		ast.Inspect(function, func(n ast.Node) bool {
			block, ok := n.(*ast.BlockStmt)
			if !ok {
				return true
			}
			for i, statement := range block.List {
				if i+1 < len(block.List) && reads(statement, "Now") && usesInstrument(block.List[i+1]) {
					t.Errorf("%s: an instrument is used between the clock and the call", files.Position(statement.Pos()))
				}
				if i > 0 && reads(statement, "Since") && usesInstrument(block.List[i-1]) {
					t.Errorf("%s: an instrument is used between the call and the clock", files.Position(statement.Pos()))
				}
			}
			return true
		})
	}
}

// reads reports whether a statement only assigns what a function of package time returns.
func reads(statement ast.Stmt, function string) bool {
	assign, ok := statement.(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 {
		return false
	}
	call, ok := assign.Rhs[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != function {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "time"
}

// instruments tell the story, or ask the kernel. Functions that wait, or make something fail, are not among them: what
// they do may be what a test times.
var instruments = map[string][]string{
	"x":      {"Step", "Outcome", "Begin", "Launch", "AssertAtLeast"},
	"kernel": {"ReadTCPInfo", "Unacknowledged", "Keepalive", "KeepaliveFD", "DescriptorsAt"},
	"wire":   {"Segments"},
}

// usesInstrument reports whether a statement calls an instrument, or assigns what an instrument returns.
func usesInstrument(statement ast.Stmt) bool {
	var call ast.Expr
	switch s := statement.(type) {
	case *ast.ExprStmt:
		call = s.X
	case *ast.AssignStmt:
		call = s.Rhs[0]
	}
	of, ok := call.(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := of.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := selector.X.(*ast.Ident)
	return ok && slices.Contains(instruments[x.Name], selector.Sel.Name)
}

func TestWhatHasHappenedHasHappenedInTime(t *testing.T) {
	happened := make(chan struct{})
	assert.False(t, event.Within(time.Millisecond, happened))
	close(happened)
	for range 100 {
		assert.True(t, event.Within(-time.Second, happened))
	}
}
