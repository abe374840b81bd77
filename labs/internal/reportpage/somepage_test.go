package reportpage

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/kept/kepttest"
)

const root = "../../.."

const (
	vanished = kepttest.Vanished
	table    = kepttest.Table
	cell     = kepttest.Cell
	long     = kepttest.Long
	lab3     = kepttest.Lab3
	lab4     = kepttest.Lab4
	kernel   = kepttest.Kernel
)

// somePage is the page about some runs. Tests must not change it.
var somePage = sync.OnceValues(func() (*html.Node, error) { return parsed(kepttest.SomeRuns()) })

// emptyPage is the page about no runs.
var emptyPage = sync.OnceValues(func() (*html.Node, error) { return parsed(nil) })

func parsed(runs []kept.Run) (*html.Node, error) {
	var page bytes.Buffer
	if err := Write(&page, root, runs); err != nil {
		return nil, err
	}
	return html.Parse(&page)
}

func written(t *testing.T) *html.Node {
	t.Helper()
	skip.UnlessChecking(t, "writes the page of all experiments, and reads it")
	page, err := somePage()
	require.NoError(t, err)
	return page
}

// all are the elements with a name, in their order; "" means any name.
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

// with is the first element whose attribute has this value.
func with(t *testing.T, in *html.Node, name, value string) *html.Node {
	t.Helper()
	for node := range in.Descendants() {
		if attribute(node, name) == value {
			return node
		}
	}
	require.Failf(t, "missing", "there is no element with %s=%q", name, value)
	return nil
}

// text is the visible text of an element, with single spaces.
func text(in *html.Node) string {
	var b strings.Builder
	for node := range in.Descendants() {
		if node.Type == html.TextNode {
			b.WriteString(node.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
