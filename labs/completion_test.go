package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/term/termtest"
)

// offered is what the shell offers after these words, and whether it also offers file names.
func offered(t *testing.T, words ...string) (text string, files bool) {
	screen, printed := termtest.Screen(t)
	s := &cli.Session{Screen: screen}
	root := newCommand(s)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, words...))
	s.Execute(root)
	all := printed()
	end := strings.LastIndex(all, ":")
	return all[:end], all[end:] == ":0\n"
}

func TestShellIsOfferedWhatFits(t *testing.T) {
	skip.UnlessChecking(t, "completes fifty lines")
	for words, want := range map[string]string{
		"help ":              "timemachine",
		"completion ":        "fish",
		"list ":              "lab01_timeout",
		"run Read":           "ReadDeadlineFreesReader\t",
		"show Read":          "ReadDeadlineFreesReader\t",
		"timemachine ":       "DialTimeoutGivesUp\t",
		"hint ":              "lab04_compare/Serve\t", // there are two
		"hint Se":            "SendAll\t",
		"hint SendAll ":      "2",
		"solution ":          "SendAll\t",
		"exercises ":         "lab01_timeout\n",
		"grade ":             "lab01_timeout\n",
		"grade SendAll ":     "AskWithin\t",
		"watch ":             "SendAll\t",
		"grade --format ":    "gradescope\n",
		"grade --format=js":  "json\n",
		"grade lab01 --for":  "--format\t",
		"matrix --":          "--markdown\t",
		"show X ":            "",
		"list X ":            "",
		"hint SendAll 1 ":    "",
		"hint Nothing ":      "",
		"completion fish ":   "",
		"help list ":         "",
		"claims ":            "",
		"doctor ":            "",
		"matrix ":            "",
		"report ":            "",
		"try --like ":        "kubernetes\n",
		"try --show ":        "host vanishes, idle\n",
		"try --failure ":     "nobody answers connect\n",
		"try ":               "",
		"advise --":          "--through-box\t",
		"advise ":            "",
		"init ":              "",
		"run --keep ":        "",
		"timemachine --keep": "--keep\t",
	} {
		text, files := offered(t, strings.Split(words, " ")...)
		assert.False(t, files, "labs %soffers files", words)
		if want == "" {
			assert.Empty(t, text, "labs %s", words)
		} else {
			assert.Contains(t, text, want, "labs %s", words)
		}
	}
	_, files := offered(t, "report", "-o", "")
	assert.True(t, files)
	_, files = offered(t, "timemachine", "--kernel", "")
	assert.True(t, files)
	text, _ := offered(t, "grade", "SendAll", "")
	assert.NotContains(t, text, "SendAll\t", "it is graded already")
}
