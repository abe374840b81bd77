package main

import (
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
)

// offered is what the shell offers after these words, and whether it offers names of files, too.
func offered(words ...string) (text string, files bool) {
	s, out := onScreen(colorprofile.NoTTY)
	l := &labs{screen: s}
	root := newCommand(l)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, words...))
	l.execute(root)
	end := strings.LastIndex(out.String(), ":")
	return out.String()[:end], out.String()[end:] == ":0\n"
}

func TestShellIsOfferedWhatFits(t *testing.T) {
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
		"init ":              "",
		"run --keep ":        "",
		"timemachine --keep": "--keep\t",
	} {
		text, files := offered(strings.Split(words, " ")...)
		assert.False(t, files, "labs %soffers files", words)
		if want == "" {
			assert.Empty(t, text, "labs %s", words)
		} else {
			assert.Contains(t, text, want, "labs %s", words)
		}
	}
	_, files := offered("report", "-o", "")
	assert.True(t, files)
	_, files = offered("timemachine", "--kernel", "")
	assert.True(t, files)
	text, _ := offered("grade", "SendAll", "")
	assert.NotContains(t, text, "SendAll\t", "it is graded already")
}
