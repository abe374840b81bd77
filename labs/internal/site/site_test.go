package site_test

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/pagemachine"
	"socketlabs/labs/internal/site"
)

const root = "../../.."

// loaded are the experiments, read once for all tests.
var loaded = sync.OnceValues(func() ([]catalog.Experiment, error) { return catalog.Load(root) })

var (
	scratch string // a folder for all tests
	without = sync.OnceValues(func() (dir string, err error) {
		dir = filepath.Join(scratch, "without")
		return dir, write(dir, nil)
	})
)

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "labs-site-"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// write writes a site about the experiments, with no pictures of runs, and with a machine or none.
func write(dir string, machine *pagemachine.Machine) error {
	experiments, err := loaded()
	if err != nil {
		return err
	}
	return site.Write(context.Background(), dir, site.Content{Root: root, Experiments: experiments, Machine: machine})
}

// withoutMachine is the folder of a site on which nothing runs.
func withoutMachine(t *testing.T) string {
	t.Helper()
	skip.UnlessChecking(t, "compiles what a page computes, for WebAssembly")
	dir, err := without()
	require.NoError(t, err)
	return dir
}

// document is a page of the site.
type document struct {
	name string
	ids  map[string]bool
	refs []string // of links, scripts and style sheets
	html *html.Node
}

func documents(t *testing.T, dir string) map[string]*document {
	t.Helper()
	all := make(map[string]*document)
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".html" {
			return err
		}
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		require.NoError(t, err)
		defer file.Close()
		parsed, err := html.Parse(file)
		require.NoError(t, err)
		d := &document{name: name, ids: make(map[string]bool), html: parsed}
		for node := range parsed.Descendants() {
			for _, a := range node.Attr {
				switch a.Key {
				case "id":
					assert.False(t, d.ids[a.Val], "%s: the id %q is there twice", name, a.Val)
					d.ids[a.Val] = true
				case "href", "src":
					d.refs = append(d.refs, a.Val)
				}
				assert.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style", "%s: the policy refuses %s=%q", name, a.Key, a.Val)
			}
		}
		all[name] = d
		return nil
	}))
	return all
}

// Every link is relative, and leads to something that is there: the site works under any path.
func TestLinksLeadSomewhere(t *testing.T) {
	dir := withoutMachine(t)
	all := documents(t, dir)
	experiments, err := loaded()
	require.NoError(t, err)
	require.Greater(t, len(all), len(experiments))
	for name, d := range all {
		for _, ref := range d.refs {
			to, err := url.Parse(ref)
			require.NoError(t, err)
			assert.True(t, to.Scheme == "" && to.Host == "" && !strings.HasPrefix(to.Path, "/"), "%s: %s leaves the site", name, ref)
			target := name
			if to.Path != "" {
				target = path.Join(path.Dir(name), to.Path)
			}
			_, err = os.Stat(filepath.Join(dir, filepath.FromSlash(target)))
			assert.NoError(t, err, "%s links to %s", name, ref)
			if other := all[target]; other != nil && to.Fragment != "" {
				assert.True(t, other.ids[to.Fragment], "%s links to %s, which is not in it", name, ref)
			}
		}
	}
}

// Each page says the policy itself, as a static host says nothing.
func TestPagesSayThePolicy(t *testing.T) {
	for name, d := range documents(t, withoutMachine(t)) {
		said := ""
		for node := range d.html.Descendants() {
			if node.Data != "meta" {
				continue
			}
			attributes := make(map[string]string)
			for _, a := range node.Attr {
				attributes[a.Key] = a.Val
			}
			if attributes["http-equiv"] == "Content-Security-Policy" {
				said = attributes["content"]
			}
		}
		assert.Contains(t, said, "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';", name)
		assert.NotContains(t, said, "'unsafe-", name)
		assert.NotContains(t, said, "http", name)
	}
}

// The page of an experiment has its question, its source, its claims, and what it may run.
func TestExperimentHasItsPage(t *testing.T) {
	experiments, err := loaded()
	require.NoError(t, err)
	all := documents(t, withoutMachine(t))
	for _, e := range experiments {
		d := all[e.Name()+".html"]
		if !assert.NotNil(t, d, e.Name()) {
			continue
		}
		var text strings.Builder
		for node := range d.html.Descendants() {
			if node.Type == html.TextNode {
				text.WriteString(node.Data)
			}
		}
		source, err := e.Source(root)
		require.NoError(t, err)
		assert.Contains(t, text.String(), strings.TrimSpace(source), e.Name())
		assert.Contains(t, text.String(), e.Question, e.Name())
		for _, claim := range e.Claims() {
			assert.Contains(t, text.String(), claim, e.Name())
		}
	}
}
