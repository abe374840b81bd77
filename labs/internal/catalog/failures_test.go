package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFailuresAreThoseThatATestOrItsHelpersMake(t *testing.T) {
	const source = `package lab

func TestItself() { link.Vanish(x, server) }
func TestThroughHelpers() { siege(x) }
func TestThroughTable() { for _, r := range rows { r.strike() } }
func TestTicker() { defer ticker.Stop() }
func TestProcess() { p := process.Start(x); p.Stop() }
func TestNone() { peer.PairNoKeepalive(x) }

func siege(x *harness.Experiment) { if again { siege(x) }; crowd{x}.come() }
func (c crowd) come() { link.Reboot(c.x, server, client); peer.FullBacklog(c.x) }

var rows = []row{{strike: func() { peer.Silent(x) }}}
`
	file, err := parser.ParseFile(token.NewFileSet(), "lab_test.go", source, 0)
	require.NoError(t, err)
	declared := declaredIn([]*ast.File{file})
	for test, want := range map[string][]string{
		"TestItself":         {"vanished peer"},
		"TestThroughHelpers": {"rebooted peer", "unanswered connect"},
		"TestThroughTable":   {"silent peer"},
		"TestTicker":         {},
		"TestProcess":        {"hung process"},
		"TestNone":           {},
	} {
		assert.Equal(t, want, failuresOf(declared[test].(*ast.FuncDecl), declared), test)
	}
}
