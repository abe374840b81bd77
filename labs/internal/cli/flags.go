package cli

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// timeFlag is the value of a flag that gives a time.
type timeFlag time.Duration

func (f *timeFlag) Set(text string) error {
	const most = 10000 * time.Hour // more than anybody waits for, with room for sums of such times
	given, err := time.ParseDuration(text)
	if err == nil && given > most {
		return errors.New("give a time of at most 10000h")
	}
	if err != nil || given <= 0 {
		return errors.New("give a time such as 20s or 5m")
	}
	*f = timeFlag(given)
	return nil
}

func (f *timeFlag) String() string {
	if *f == 0 {
		return ""
	}
	return time.Duration(*f).String()
}

func (f *timeFlag) Type() string { return "duration" }

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

// namesFlag is like nameFlag, for a flag that may be given several times.
type namesFlag []string

func (n *namesFlag) Set(name string) error {
	*n = append(*n, name)
	return new(nameFlag).Set(name)
}

func (n *namesFlag) String() string { return strings.Join(*n, "; ") }
func (n *namesFlag) Type() string   { return "name" }

// pathFlag is the value of a flag that names a file or a folder. It refuses an empty value, which usually comes from a
// script's variable that is not set.
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

// pathsFlag is like pathFlag, for a flag that may be given several times.
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

// Where tests run.
const (
	OnMachine = "machine"
	OnGuest   = "guest"
)

// onFlag is the value of a flag that says where tests run.
type onFlag string

func (o *onFlag) Set(place string) error {
	if place != OnMachine && place != OnGuest {
		return errors.New("say machine or guest")
	}
	*o = onFlag(place)
	return nil
}

func (o *onFlag) String() string { return string(*o) }
func (o *onFlag) Type() string   { return "place" }

// OnFlag says where tests run. It has the same name in all verbs. If place is empty, the command decides.
func OnFlag(cmd *cobra.Command, place *string) {
	cmd.Flags().Var((*onFlag)(place), "on", "run on `PLACE`: machine, or guest (QEMU)")
	cmd.RegisterFlagCompletionFunc("on", cobra.FixedCompletions([]string{OnMachine, OnGuest}, cobra.ShellCompDirectiveNoFileComp))
}

// LimitFlag is a flag for the time after which something is stopped.
func LimitFlag(cmd *cobra.Command, limit *time.Duration, usage string) {
	TimeFlag(cmd, limit, "limit", usage)
}

// TimeFlag is a flag for a time.
func TimeFlag(cmd *cobra.Command, value *time.Duration, name, usage string) {
	cmd.Flags().Var((*timeFlag)(value), name, usage)
}

// NameFlag is a flag for the name of something.
func NameFlag(cmd *cobra.Command, value *string, name, usage string) {
	cmd.Flags().Var((*nameFlag)(value), name, usage)
}

// NamesFlag is a flag for a name, which may be given several times.
func NamesFlag(cmd *cobra.Command, values *[]string, name, usage string) {
	cmd.Flags().Var((*namesFlag)(values), name, usage)
}

// PathFlag is a flag for a file or a folder. It also has a short form of one letter, unless that is empty.
func PathFlag(cmd *cobra.Command, file *string, name, letter, usage string) {
	cmd.Flags().VarP((*pathFlag)(file), name, letter, usage)
}

// PathsFlag is a flag for a file, which may be given several times.
func PathsFlag(cmd *cobra.Command, files *[]string, name, usage string) {
	cmd.Flags().Var((*pathsFlag)(files), name, usage)
}

// KeepFlag is a flag for a folder to write. It has the same name in all verbs.
func KeepFlag(cmd *cobra.Command, dir *string, usage string) {
	cmd.Flags().Var((*pathFlag)(dir), "keep", usage)
	cmd.MarkFlagDirname("keep")
}

// OwnFlag is a flag for a folder to read, with what this machine has measured itself.
func OwnFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().Var((*sourceFlag)(dir), "own", "add a column for this machine, from its long runs in `DIR`")
	cmd.MarkFlagDirname("own")
}

// FromFlag is a flag for a folder to read. It has the same name in all verbs.
func FromFlag(cmd *cobra.Command, dir *string, usage string) {
	cmd.Flags().Var((*sourceFlag)(dir), "from", usage)
	cmd.MarkFlagDirname("from")
}
