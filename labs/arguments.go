package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// execute runs the command that the arguments name. Help on a command that there is not is refused, too.
func (l *labs) execute(root *cobra.Command) error {
	var refused error
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			refused = unknownCommand(root, root.Flags().Args())
		}
		if refused == nil {
			refused = l.paged(func(w io.Writer) error {
				root.SetOut(w)
				help(cmd, args)
				return nil
			})
		}
	})
	return firstOf(root.Execute(), refused)
}

// unknownCommand refuses words that should begin with a command, and names the one that may be meant.
func unknownCommand(root *cobra.Command, words []string) error {
	if len(words) == 0 {
		return nil
	}
	root.SuggestionsMinimumDistance = 2
	meant := ""
	if near := root.SuggestionsFor(words[0]); len(near) > 0 {
		meant = fmt.Sprintf("did you mean %s? ", strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q; %slabs --help lists all", words[0], meant)
}

// any number of words.
const anyNumber = math.MaxInt

// takes refuses words that are too few or too many, or empty, and flags that exclude each other. What the command
// takes completes the sentence "labs NAME takes …".
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, words []string) error {
		if len(words) < least || len(words) > most || slices.Contains(words, "") {
			return fmt.Errorf("%s takes %s, and was given %s; try: %[1]s --help", cmd.CommandPath(), what, quoted(words))
		}
		if cmd.ValidateFlagGroups() != nil {
			return badFlag(cmd, fmt.Errorf("%s don't go together", strings.Join(excluded(cmd), " and ")))
		}
		return nil
	}
}

func quoted(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	text := fmt.Sprintf("%q", words)
	return text[1 : len(text)-1]
}

// excluded are the flags that were given of those that exclude others.
func excluded(cmd *cobra.Command) (given []string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Annotations["cobra_annotation_mutually_exclusive"] != nil {
			given = append(given, "--"+f.Name)
		}
	})
	return given
}

func badFlag(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w; %s --help lists its flags", err, cmd.CommandPath())
}

// limitFlag is the value of a flag that limits a time.
type limitFlag time.Duration

func (l *limitFlag) Set(text string) error {
	given, err := time.ParseDuration(text)
	if err != nil || given <= 0 {
		return errors.New("give a time such as 20s or 5m")
	}
	*l = limitFlag(given)
	return nil
}

func (l *limitFlag) String() string { return time.Duration(*l).String() }
func (l *limitFlag) Type() string   { return "duration" }

// nameFlag is the value of a flag that names something.
type nameFlag string

func (n *nameFlag) Set(name string) error {
	if name == "" {
		return errors.New("give a name")
	}
	*n = nameFlag(name)
	return nil
}

func (n *nameFlag) String() string { return string(*n) }
func (n *nameFlag) Type() string   { return "name" }

// pathFlag is the value of a flag that names a file or a folder. It is usually empty because of a variable that a script
// has not set.
type pathFlag string

func (p *pathFlag) Set(name string) error {
	if name == "" {
		return errors.New("name a file or a folder")
	}
	*p = pathFlag(name)
	return nil
}

func (p *pathFlag) String() string { return string(*p) }
func (p *pathFlag) Type() string   { return "path" }

// pathsFlag is the value of a flag like that which may be given several times.
type pathsFlag []string

func (p *pathsFlag) Set(name string) error {
	*p = append(*p, name)
	return new(pathFlag).Set(name)
}

func (p *pathsFlag) String() string { return strings.Join(*p, " ") }
func (p *pathsFlag) Type() string   { return "path" }

// sourceFlag is the value of a flag that names a folder to read.
type sourceFlag string

func (s *sourceFlag) Set(name string) error {
	if is, err := os.Stat(name); err != nil || !is.IsDir() {
		return errors.New("there is no such folder")
	}
	*s = sourceFlag(name)
	return nil
}

func (s *sourceFlag) String() string { return string(*s) }
func (s *sourceFlag) Type() string   { return "path" }

// Both kinds of folders are named by flags that have the same name with every command.

func keepFlag(cmd *cobra.Command, dir *string, usage string) {
	cmd.Flags().Var((*pathFlag)(dir), "keep", usage)
	cmd.MarkFlagDirname("keep")
}

func fromFlag(cmd *cobra.Command, dir *string, usage string) {
	cmd.Flags().Var((*sourceFlag)(dir), "from", usage)
	cmd.MarkFlagDirname("from")
}
