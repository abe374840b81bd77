package site_test

import (
	"context"
	"fmt"
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
	"socketlabs/labs/internal/kept/kepttest"
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

// write writes a site about the experiments and some runs of them, with or without a machine.
func write(dir string, machine *pagemachine.Machine) error {
	experiments, err := loaded()
	if err != nil {
		return err
	}
	return site.Write(context.Background(), dir, site.Content{Root: root, Experiments: experiments, Runs: kepttest.SomeRuns(), Machine: machine})
}

// withoutMachine is the folder of a site that can't run experiments.
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
	refs []string // the URLs of links, scripts and style sheets
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

// textOf is the visible text.
func textOf(d *document) string {
	var text strings.Builder
	for node := range d.html.Descendants() {
		if node.Type == html.TextNode {
			text.WriteString(node.Data)
		}
	}
	return text.String()
}

// Every link is relative, so the site works under any path, and leads to something that exists.
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

// Each page contains the policy, because a static host sends no header for it.
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

// The page of an experiment has its question, its source, its claims, and a way to run it.
func TestExperimentHasItsPage(t *testing.T) {
	experiments, err := loaded()
	require.NoError(t, err)
	all := documents(t, withoutMachine(t))
	for _, e := range experiments {
		d := all[e.Name()+".html"]
		if !assert.NotNil(t, d, e.Name()) {
			continue
		}
		text := textOf(d)
		source, err := e.Source(root)
		require.NoError(t, err)
		assert.Contains(t, text, strings.TrimSpace(source), e.Name())
		assert.Contains(t, text, e.Question, e.Name())
		for _, claim := range e.Claims() {
			assert.Contains(t, text, claim, e.Name())
		}
	}
}

// A page says how large the files are before it loads them: first the machine and what draws its pictures, then all others.
func TestPagesSayWhatTheyLoad(t *testing.T) {
	skip.UnlessChecking(t, "compiles what a page computes, for WebAssembly")
	part := filepath.Join(t.TempDir(), "part")
	require.NoError(t, os.WriteFile(part, make([]byte, 7_000_000), 0o666))
	dir := t.TempDir()
	require.NoError(t, write(dir, &pagemachine.Machine{Files: map[string]string{"state.zst": part, "v86.wasm": part}}))
	first, rest := int64(0), int64(0)
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == site.Mark { // every visit loads it
			return err
		}
		info, err := entry.Info()
		if path.Dir(name) == "machine" || name == "assets/lab.wasm" {
			first += info.Size()
		} else {
			rest += info.Size()
		}
		return err
	}))
	require.Greater(t, first, int64(14_000_000))
	all := documents(t, dir)
	for _, name := range []string{"lab03_keepalive/TestVanishedPeerOnTheWire.html", "decisions.html"} {
		says := textOf(all[name])
		assert.Contains(t, says, fmt.Sprintf("once: %.0f\u00a0MB.", float64(first)/1e6), name)
		assert.Contains(t, says, fmt.Sprintf("the rest of the site, %.0f\u00a0MB", float64(rest)/1e6), name)
	}
}
