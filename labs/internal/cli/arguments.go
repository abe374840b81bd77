package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// AnyNumber is for Takes: any number of words.
const AnyNumber = math.MaxInt

// Takes refuses too few or too many words, empty words, and flags that exclude each other. The parameter what completes
// the sentence "labs NAME takes …".
func Takes(least, most int, what string) cobra.PositionalArgs {
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

// excluded are the given flags that exclude each other.
func excluded(cmd *cobra.Command) (given []string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Annotations["cobra_annotation_mutually_exclusive"] != nil {
			given = append(given, "--"+f.Name)
		}
	})
	return given
}

// badFlag adds where the flags are described to the error of a refused flag.
func badFlag(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	if errors.As(err, &value) && value.GetFlag().Value.Type() == "bool" {
		err = fmt.Errorf(`invalid argument %q for "--%s" flag: say true or false, or nothing`, value.GetValue(), value.GetFlag().Name)
	}
	return fmt.Errorf("%w; %s --help lists its flags", err, cmd.CommandPath())
}
