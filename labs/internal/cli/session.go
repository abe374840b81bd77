// Package cli is what the verbs of the command have in common: the session, their arguments and their flags.
package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/timemachine"
)

// Session is one use of the command.
type Session struct {
	Screen      *term.Screen
	Root        string               // the module's folder, once it is known
	Experiments []catalog.Experiment // filled in by Loaded
	Guest       *timemachine.Kernel  // the kernel that tests run on, in QEMU; nil if they run on this machine
}

// Loaded makes a verb that first reads the experiments, and says what is wrong with them.
func (s *Session) Loaded(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := s.load()
		if len(s.Experiments) == 0 && err != nil {
			return err
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "labs:", strings.ReplaceAll(err.Error(), "\n", "\nlabs: "))
		}
		return run(cmd.Context(), args)
	}
}

// load reads the experiments of the module that the current folder is in. It keeps those that it could read, even if it
// returns an error.
func (s *Session) load() error {
	root, err := catalog.Root(".")
	if err != nil {
		return err
	}
	s.Root = root
	s.Experiments, err = catalog.Load(root)
	return err
}

// exercised is what a verb does with the exercises.
type exercised = func(ctx context.Context, all []catalog.Exercise, args []string) error

// Exercised makes a verb that first reads the exercises.
func (s *Session) Exercised(run exercised) func(*cobra.Command, []string) error {
	return s.withExercises(func(ctx context.Context, all []catalog.Exercise, args []string, unread error) error {
		if unread != nil {
			return cmp.Or(catalog.CheckGraders(s.Root), unread)
		}
		return run(ctx, all, args)
	})
}

// ExercisedAnyway is like Exercised, for a verb that also runs if the student's files can't be read.
func (s *Session) ExercisedAnyway(run exercised) func(*cobra.Command, []string) error {
	return s.withExercises(func(ctx context.Context, all []catalog.Exercise, args []string, unread error) error {
		if len(all) == 0 && unread != nil {
			return unread
		}
		return run(ctx, all, args)
	})
}

func (s *Session) withExercises(
	run func(ctx context.Context, all []catalog.Exercise, args []string, unread error) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		root, err := catalog.Root(".")
		if err != nil {
			return err
		}
		s.Root = root
		all, unread := catalog.Exercises(root)
		return run(cmd.Context(), all, args, unread)
	}
}

// JSON prints a value for programs, indented, so that people can read it, too.
func JSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
