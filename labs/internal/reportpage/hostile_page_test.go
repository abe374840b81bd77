package reportpage_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/reportpage"
)

// Texts that would run if they were not shown as text, or that don't fit.
const (
	script  = `<script>alert(1)</script>`
	image   = `"'><img src=x onerror=alert(2)>`
	closing = `--></text></svg></pre></code></details></style><b onclick=alert(3)>`
	link    = `javascript:alert(4)#%00%zz?&amp;{{.}}`
)

var long = strings.Repeat("unbreakable", 40)

var hostile = []string{script, image, closing, link, long}

// hostilePage is a page about a module and tests that contain such texts wherever possible.
func hostilePage(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module socketlabs\n",
		"lab01_hostile/doc.go": "// Package lab01_hostile asks: " + strings.Join(hostile, " ") + "\npackage lab01_hostile\n",
		"lab01_hostile/hostile_test.go": fmt.Sprintf("package lab01_hostile\n\n// TestHostile: %[1]s.\n//\n%[2]s"+
			"func TestHostile(t *testing.T) { print(%[1]q) }\n", strings.Join(hostile, " "), refuted(t, strings.Join(hostile, " "))),
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}

	var html bytes.Buffer
	require.NoError(t, reportpage.Write(&html, root, []kept.Run{hostileRun(""), hostileRun("6.1 " + script)}))
	path := filepath.Join(t.TempDir(), "hostile.html")
	require.NoError(t, os.WriteFile(path, html.Bytes(), 0o666))
	return fileURL(t, path)
}

// refuted is the lines of a comment in which every claim does not hold.
func refuted(t *testing.T, reason string) (lines string) {
	t.Helper()
	experiments, err := catalog.Load(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	claims, err := catalog.Claims(experiments)
	require.NoError(t, err)
	for _, c := range claims {
		lines += "// Claim: " + c.ID + ".\n// Verdict: does not hold: " + reason + ".\n"
	}
	return lines
}

func hostileRun(kernel string) kept.Run {
	stories := map[string][]story.Event{
		"TestHostile":              said(),
		"TestHostile/nothing":      {},
		"TestHostile/" + script:    said(),
		"TestHostile/" + image:     said(),
		"TestHostile/" + closing:   said(),
		"TestHostile/" + link:      said(),
		"TestHostile/" + long:      said(),
		"TestHostile/connections":  manyConnections(),
		"TestHostile/for_ever":     hoursOfSilence(),
		"TestHostile/all_at_once":  allAtOnce(),
		"TestHostile/without_end":  {{Lane: story.Client, Kind: story.Began, Text: "Read …"}},
		"TestHostile/of_no_lane":   {{Lane: "no such lane", Kind: "no such kind", Text: script}},
		"TestHostile/of_no_parts":  {{Lane: story.Wire, Kind: story.Sent, Segment: &story.Segment{Meaning: script}}},
		"TestHostile/before_begin": {{At: -time.Second, Lane: story.Story, Kind: story.Step, Text: "before it began"}},
	}
	run := kept.Run{Kernel: kernel}
	attributes := map[string]string{script: image, "is/kernel": script, "can/" + closing: long, "unit": script, "cell": image}
	for _, name := range slices.Sorted(maps.Keys(stories)) {
		run.Tests = append(run.Tests, kept.Test{
			Outcome: kept.Outcome{Lab: "lab01_hostile", Test: name, Result: "fail", Took: 1e6, Says: hostile, Attributes: attributes},
			Story:   &story.Record{Test: name, Result: "fail", Events: stories[name]},
		})
	}
	run.Tests = append(run.Tests, kept.Test{Outcome: kept.Outcome{Lab: "machinetest", Test: "TestMachine", Result: "pass", Attributes: attributes}})
	return run
}

// said are events with every text in every lane, of every kind.
func said() (events []story.Event) {
	for _, text := range hostile {
		for _, lane := range []story.Lane{story.Story, story.Client, story.Server} {
			for _, kind := range []story.Kind{story.Step, story.Began, story.Outcome, story.Check} {
				events = append(events, story.Event{At: time.Duration(len(events)) * time.Millisecond, Lane: lane, Kind: kind, Text: text})
			}
		}
		events = append(events, sent(time.Duration(len(events))*time.Millisecond, 1, story.Meaning(text)))
	}
	return events
}

func manyConnections() (events []story.Event) {
	for n := range 500 {
		events = append(events, sent(time.Duration(n)*time.Millisecond, n+1, story.SYN))
	}
	return events
}

func hoursOfSilence() (events []story.Event) {
	for _, hours := range []time.Duration{0, 2, 26} {
		events = append(events, sent(hours*time.Hour, 1, story.KeepaliveProbe))
	}
	return events
}

func allAtOnce() (events []story.Event) {
	for n := range 200 {
		meaning := []story.Meaning{story.Data, story.ACK, story.RST, story.Retransmission}[n%4]
		events = append(events, sent(time.Second, 1, meaning))
	}
	return events
}

func sent(at time.Duration, connection int, meaning story.Meaning) story.Event {
	s := story.Segment{At: at, Connection: connection, Client: "[::1]:65535", Server: "[::1]:65534", From: story.Client,
		Flags: "SFRP.", Seq: 1<<32 - 1, Ack: 1<<32 - 1, Length: 1<<31 - 1, Window: 1<<31 - 1, Meaning: meaning, Unheard: connection%2 == 0}
	return story.Event{At: at, Lane: story.Wire, Kind: story.Sent, Text: s.String(), Segment: &s}
}

// markupIsText tests that the texts of tests can be read, and did not run.
func markupIsText(t *testing.T, chromium context.Context, page string) {
	tb := open(t, chromium, page)
	text := value[string](tb, `document.body.textContent`)
	for _, want := range hostile {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, 1, value[int](tb, `document.scripts.length`), "the page's own script")
	assertNone(tb, `[...document.querySelectorAll('*')].filter(e =>
		['img', 'iframe', 'object', 'embed', 'b'].includes(e.localName) && !e.closest('th') ||
		e.getAttributeNames().some(name => name.startsWith('on')) ||
		/^\s*javascript:/i.test(e.getAttribute('href') ?? '')).map(e => e.outerHTML.slice(0, 200))`, "elements that tests have made")
}
