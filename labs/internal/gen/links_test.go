package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pages are all pages, by their paths in the module.
func pages(t *testing.T) (names []string) {
	t.Helper()
	names = []string{"README.md", "labs/CLASSROOM.md", ".github/SECURITY.md"}
	require.NoError(t, fs.WalkDir(os.DirFS(root), docs, func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".md" {
			names = append(names, name)
		}
		return err
	}))
	return names
}

var (
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)|<img src="([^"]+)"`)
	codeBlock = regexp.MustCompile("(?s)\n```.*?\n```\n")
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	followed := 0
	anchors := make(map[string][]string) // by page
	for _, page := range pages(t) {
		text := readPage(t, page)
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target := found[1] + found[2]
			if strings.Contains(target, "://") {
				continue
			}
			followed++
			name, anchor, hasAnchor := strings.Cut(target, "#")
			name = path.Join(path.Dir(page), name)
			if strings.HasPrefix(target, "#") {
				name = page
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); !assert.NoError(t, err, "%s links to %s", page, target) || !hasAnchor {
				continue
			}
			if anchors[name] == nil {
				anchors[name] = anchorsOf(readPage(t, name))
			}
			assert.Contains(t, anchors[name], anchor, "%s links to %s", page, target)
		}
	}
	assert.Greater(t, followed, 100)
}

// readPage is the text of a page without its blocks of code, because these contain no links or headings.
func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	return codeBlock.ReplaceAllString("\n"+string(text), "\n")
}

// anchorsOf are the anchors that GitHub gives to the headings of a page.
func anchorsOf(text string) (anchors []string) {
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, found[1]))
	}
	return anchors
}

// Every page has a link to it. Nobody finds a page without one.
func TestEveryPageIsLinked(t *testing.T) {
	var linked []string
	for _, page := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(readPage(t, page), -1) {
			name, _, _ := strings.Cut(found[1], "#")
			if name = path.Join(path.Dir(page), name); name != page {
				linked = append(linked, name)
			}
		}
	}
	for _, page := range pages(t) {
		assert.True(t, page == "README.md" || slices.Contains(linked, page), "no page links to %s", page)
	}
}

// Pages are short enough for GitHub to show them at once, and the README is short enough for a newcomer to read.
func TestPagesAreShort(t *testing.T) {
	const ofReadme, ofOthers = 8 << 10, 100_000
	for _, page := range pages(t) {
		info, err := os.Stat(filepath.Join(root, filepath.FromSlash(page)))
		require.NoError(t, err)
		most := int64(ofOthers)
		if page == "README.md" {
			most = ofReadme
		}
		assert.LessOrEqual(t, info.Size(), most, "%s has too many bytes", page)
	}
}

// The page of dependencies names each module that we use, with the reason, and no other module.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	var used, named []string
	for _, found := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1) { // not "// indirect"
		used = append(used, found[1])
	}
	for _, found := range regexp.MustCompile(`(?m)^\| (\S+/\S+) \| \w`).FindAllStringSubmatch(readPage(t, docs+"/dependencies.md"), -1) {
		named = append(named, found[1])
	}
	assert.ElementsMatch(t, used, named)
}

// Workflows pin actions to commits, which nobody can move. If a workflow runs students' code, its checkout leaves no token.
func TestActionsArePinned(t *testing.T) {
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	require.NoError(t, err)
	for _, name := range append(workflows, filepath.Join(root, "labs", "CLASSROOM.md")) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		uses := regexp.MustCompile(`uses: *(\S+)`).FindAllStringSubmatch(string(text), -1)
		assert.NotEmpty(t, uses, name)
		for _, use := range uses {
			assert.Regexp(t, `^[\w-]+/[\w-]+@[0-9a-f]{40}$`, use[1], name)
		}
	}
	classroom := readPage(t, "labs/CLASSROOM.md")
	checkouts := strings.Count(classroom, "uses: actions/checkout@")
	assert.Positive(t, checkouts)
	assert.Equal(t, checkouts, strings.Count(classroom, "persist-credentials: false"))
}
