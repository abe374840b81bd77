package reportpage

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/sentence"
)

func TestEveryExperimentIsThere(t *testing.T) {
	page := written(t)
	experiments, err := catalog.Load(root)
	require.NoError(t, err)
	for _, e := range experiments {
		section := with(t, page, "id", e.Name())
		assert.Equal(t, "article", section.Data)
		assert.Contains(t, text(section), sentence.Begin(e.Title))
		source, err := e.Source(root)
		require.NoError(t, err)
		assert.Contains(t, squeezed(text(section)), squeezed(source))
		assert.Equal(t, wantVerdicts(e), verdictsOf(section), e.Name())
		for _, claim := range e.Claims() {
			with(t, section, "href", "#"+claim)
		}
	}
}

func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

func wantVerdicts(e catalog.Experiment) (verdicts []string) {
	if len(e.Findings) == 0 {
		return []string{e.Verdict.Phrase()}
	}
	for _, f := range e.Findings {
		verdicts = append(verdicts, strings.Join(f.Claims, " , ")+" : "+f.Remark())
	}
	return verdicts
}

// verdictsOf are the verdicts in an article, without their marks.
func verdictsOf(article *html.Node) (verdicts []string) {
	for _, node := range all(article, "p") {
		if strings.HasPrefix(attribute(node, "class"), "verdict ") {
			_, says, _ := strings.Cut(text(node), " ")
			verdicts = append(verdicts, says)
		}
	}
	return verdicts
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
	assert.Contains(t, text(section), "client: Read: connection timed out 4 s 3 s 1 s")
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
	skip.UnlessChecking(t, "writes the page of all experiments")
	page, err := emptyPage()
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

	without, err := emptyPage()
	require.NoError(t, err)
	assert.NotContains(t, text(without), "How to read a picture", "there is none to read")
}
