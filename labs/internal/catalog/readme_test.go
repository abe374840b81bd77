package catalog

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/picture"
)

var readme = filepath.Join(root, "README.md")

func TestClaimsTableInREADMEIsCurrent(t *testing.T) {
	experiments := ours(t)
	claims, err := Claims(experiments)
	require.NoError(t, err)

	text := read(t, readme)
	isCurrent(t, readme, text, withTable(t, text, "claims", Markdown(claims, experiments)))
}

func TestDecisionTableInREADMEIsCurrent(t *testing.T) {
	skip.UnlessChecking(t, "measures the decision table")
	table := new(decisions.Table)
	require.NoError(t, gotest.Do(t.Context(), root, decisions.Args, table.Add))
	if table.HasGaps() {
		skip.Needs(t, "the whole decision table", `not all of it can be measured here; "go run ./labs doctor" says why`)
	}
	text := read(t, readme)
	fresh := withTable(t, text, "decisions", table.Markdown())
	if *update {
		isCurrent(t, readme, text, fresh)
		return
	}
	diff := cmp.Diff(withoutFigures(fresh), withoutFigures(text))
	assert.Empty(t, diff, "the decision table is not the README's; run \"make generate\" (-want +got)")
}

// The time machine takes half a minute: with -figures it runs, otherwise its table only has to have a row
// for each experiment that it runs.
func TestTimeMachineTableInREADMEIsCurrent(t *testing.T) {
	text := read(t, readme)
	if *update && *figures {
		isCurrent(t, readme, text, withTable(t, text, "timemachine", run(t, "go run ./labs timemachine --markdown")))
		return
	}
	experiments := ours(t)
	var want, got []string
	for _, e := range experiments {
		if e.Long {
			want = append(want, e.File)
		}
	}
	begin, end := tableIn(t, text, "timemachine")
	for _, link := range regexp.MustCompile(`\]\((.*?)\)`).FindAllStringSubmatch(text[begin:end], -1) {
		got = append(got, link[1])
	}
	assert.Empty(t, cmp.Diff(want, got), "the time machine's table is not the README's; run \"make figures\" (-want +got)")
}

// withTable is the text with a table between the marks that it has for it.
func withTable(t *testing.T, text, name, table string) string {
	t.Helper()
	begin, end := tableIn(t, text, name)
	return text[:begin] + table + text[end:]
}

// tableIn is where the text has a table.
func tableIn(t *testing.T, text, name string) (begin, end int) {
	t.Helper()
	marks := regexp.MustCompile("(?s)<!-- " + name + ": make [a-z]+ -->\n(.*?)<!-- end of " + name + " -->")
	at := marks.FindStringSubmatchIndex(text)
	require.NotNil(t, at, "the README lacks the lines that %q fits", marks)
	return at[2], at[3]
}

// A block of the README that begins with a go test command holds what that command prints.
var output = regexp.MustCompile("(?s)(```\n\\$ )(go test [^\n]*)\n(.*?)(```\n)")

func TestOutputsInREADMEAreCurrent(t *testing.T) {
	skip.UnlessChecking(t, "runs the README's commands")
	text := read(t, readme)
	blocks := output.FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, blocks, "the README has no block that begins with $ go test")
	for _, block := range blocks {
		whole, prompt, command, old, end := block[0], block[1], block[2], block[3], block[4]
		if strings.Contains(command, "-bench") && !*figures {
			continue // what a benchmark prints is figures and nothing else
		}
		fresh := run(t, command)
		if *update {
			text = strings.Replace(text, whole, prompt+command+"\n"+fresh+end, 1)
			require.NoError(t, os.WriteFile(readme, []byte(text), 0o644))
			continue
		}
		// On a busy machine, lines of one moment may change places.
		const attempts = 3
		diff := cmp.Diff(withoutFigures(fresh), withoutFigures(old))
		for range attempts - 1 {
			if diff != "" {
				diff = cmp.Diff(withoutFigures(run(t, command)), withoutFigures(old))
			}
		}
		assert.Empty(t, diff, "%s prints something else than in the README; run \"make generate\" (-want +got)", command)
	}
}

// The README's picture is drawn from the experiment whose output stands beside it.
func TestPictureInREADMEIsCurrent(t *testing.T) {
	skip.UnlessChecking(t, "draws an experiment that takes seconds")
	const experiment = "TestVanishedPeerOnTheWire"
	path := filepath.Join(root, "labs", "internal", "picture", "vanished_peer.svg")
	tests := keptBy(t, "go run ./labs run --plain "+experiment)
	at := slices.IndexFunc(tests, func(k kept.Test) bool { return k.Story != nil })
	require.NotEqual(t, -1, at, "%s has left no story", experiment)
	fresh, old := picture.File("A peer vanishes, and keepalive finds out", *tests[at].Story), read(t, path)
	if *update {
		isCurrent(t, path, old, fresh)
		return
	}
	assert.Empty(t, cmp.Diff(words(fresh), words(old)), "%s is out of date; run \"make generate\" (-want +got)", path)
}

// words are those of a picture, without its times.
func words(picture string) (words []string) {
	for _, found := range regexp.MustCompile(`<text class="([a-z ]*)"[^>]*>(.*?)</text>`).FindAllStringSubmatch(picture, -1) {
		if class, text := found[1], found[2]; !strings.Contains(class, "time") {
			words = append(words, class+": "+withoutFigures(text))
		}
	}
	return words
}

// run gives what a command of the README prints on a machine that has all that it needs.
func run(t *testing.T, command string) string {
	words := strings.Fields(command)
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "LABS_IP=4", "LABS_SANDBOX=on")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s:\n%s", command, out)
	for _, without := range []string{"--- SKIP", "harness: no wire"} {
		if strings.Contains(string(out), without) {
			skip.Needs(t, "all that the README shows", fmt.Sprintf("%s can't show it here; \"go run ./labs doctor\" says why:\n%s", command, out))
		}
	}
	remarks := regexp.MustCompile(`(?m)^harness: .*\n`) // on what this machine does not have
	return remarks.ReplaceAllString(string(out), "")
}

// withoutFigures makes two runs comparable: times and ports differ, and so does the space for them.
func withoutFigures(text string) string {
	text = regexp.MustCompile(`\d+(\.\d+)?`).ReplaceAllString(text, "0")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}
