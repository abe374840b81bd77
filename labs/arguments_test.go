package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/term/termtest"
)

// use runs the command with a verb that does nothing, and returns the error about its arguments.
func use(t *testing.T, args ...string) error {
	screen, _ := termtest.Screen(t)
	s := &cli.Session{Screen: screen}
	root := newCommand(s)
	for _, verb := range append(root.Commands(), root) {
		verb.RunE = func(*cobra.Command, []string) error { return nil }
	}
	root.SetArgs(args)
	return s.Execute(root)
}

// Every verb refuses bad use before it does anything, in one line that says what to do instead.
func TestBadUseOfAnyVerbIsRefused(t *testing.T) {
	refused := func(args ...string) {
		t.Helper()
		if err := use(t, args...); assert.Error(t, err, "labs %s", strings.Join(args, " ")) {
			assert.Contains(t, err.Error(), "--help", "labs %s", strings.Join(args, " "))
			assert.NotRegexp(t, `\n|,,`, err.Error())
		}
	}
	refused("--nope")
	refused("nonsense")
	refused("nonsense", "--help")
	refused("--help", "nonsense")
	for _, verb := range newCommand(new(cli.Session)).Commands() {
		name := verb.Name()
		refused(name, "--nope")
		refused(name, "")
		refused(name, "nonsense", "")
		if takesAny := name == "grade" || name == "watch" || name == "find"; !takesAny {
			refused(name, "one", "two", "three")
		}
		if strings.Contains(verb.Use, " ") && !strings.Contains(verb.Use, "[") {
			refused(name)
		}
		assert.NoError(t, use(t, name, "--help"))

		var together []string
		verb.Flags().VisitAll(func(f *pflag.Flag) {
			flag := "--" + f.Name
			switch f.Value.Type() {
			case "bool":
				refused(name, flag+"=maybe")
			case "duration":
				refused(name, flag, "soon")
				refused(name, flag, "0s")
				refused(name, flag, "-5s")
				refused(name, flag, "10001h")
				fallthrough
			default:
				refused(name, flag)
				refused(name, flag, "")
			}
			if f.Annotations["cobra_annotation_mutually_exclusive"] != nil {
				together = append(together, flag)
				if f.Value.Type() != "bool" {
					together = append(together, "word")
				}
			}
		})
		if together != nil {
			refused(append([]string{name}, together...)...)
		}
	}
}

func TestBadUseSaysWhatWouldBeGood(t *testing.T) {
	for args, want := range map[string]string{
		"lst":                      `there is no command "lst"; did you mean list? labs --help lists all`,
		"lst --help":               `there is no command "lst"; did you mean list? labs --help lists all`,
		"nonsense":                 `there is no command "nonsense"; labs --help lists all`,
		"list --jsn":               `unknown flag: --jsn; labs list --help lists its flags`,
		"claims --json --markdown": `--json and --markdown don't go together; labs claims --help lists its flags`,
		"show":                     `labs show takes one experiment, and was given nothing; try: labs show --help`,
		"list lab01 lab02":         `labs list takes at most one lab or experiment, and was given "lab01" "lab02"; try: labs list --help`,
		"claims now":               `labs claims takes flags only, and was given "now"; try: labs claims --help`,
		"try --real=maybe":         `invalid argument "maybe" for "--real" flag: say true or false, or nothing; labs try --help lists its flags`,
		"grade --limit 0s":         `invalid argument "0s" for "--limit" flag: give a time such as 20s or 5m; labs grade --help lists its flags`,
		"timemachine --limit soon": `invalid argument "soon" for "--limit" flag: give a time such as 20s or 5m; labs timemachine --help lists its flags`,
		"run --keep=":              `invalid argument "" for "--keep" flag: name a file or a folder; labs run --help lists its flags`,
	} {
		assert.EqualError(t, use(t, strings.Fields(args)...), want)
	}
}

// An error contains the name of the file, which a student may have chosen. It is printed without control characters.
func TestComplaintActsOnNoTerminal(t *testing.T) {
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer said.Close()
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = said
	assert.Equal(t, badUseStatus, complain(&fs.PathError{Op: "open", Path: "\x1b[2J", Err: fs.ErrPermission}, badUseStatus))
	text, err := os.ReadFile(said.Name())
	require.NoError(t, err)
	assert.Equal(t, "labs: open \\x1b[2J: permission denied\n", string(text))
}
