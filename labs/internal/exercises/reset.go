package exercises

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/wholefile"
	"socketlabs/labs/internal/worksheet"
)

// Reset is the verb that puts starters back.
func Reset(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:               "reset EXERCISE or LAB",
		Short:             "Put an exercise back as it was before you began it",
		Args:              cli.Takes(1, 1, "one exercise or one lab"),
		ValidArgsFunction: cli.Offering(1, offerExercises, offerLabsOfExercises),
		RunE: s.ExercisedAnyway(func(_ context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := names.Exercises(all, args)
			if err != nil {
				return err
			}
			e, isWholeFile := chosen[0], len(chosen) > 1
			if isWholeFile && chosen[len(chosen)-1].Lab != e.Lab {
				_, err := names.Exercise(all, args[0]) // its error lists the names that match
				return err
			}
			said, err := reset(s.Root, e, isWholeFile)
			if err != nil {
				return err
			}
			fmt.Fprintln(s.Screen, said)
			return nil
		}),
	}
}

// reset puts back the starter of an exercise, or of its whole file, and says where the old text is kept.
func reset(root string, e catalog.Exercise, wholeFile bool) (said string, err error) {
	file := filepath.Join(root, filepath.FromSlash(e.File))
	text, unread := catalog.ReadStudentsFile(file)
	if unread != nil && !wholeFile {
		return "", fmt.Errorf("%w; labs reset %s puts the whole file back", unread, e.Lab)
	}
	starter, err := catalog.Starter(e.Lab)
	if err != nil {
		return "", err
	}
	fresh := starter
	if !wholeFile {
		if fresh, err = worksheet.PutBack(text, starter, e.Name); err != nil {
			return "", fmt.Errorf("%s does not parse, so labs can't find the end of %s: fix %w, or labs reset %s puts the whole file back", e.File, e.Name, err, e.Lab)
		}
	}
	what := e.Name
	if wholeFile {
		what = e.File
	}
	if bytes.Equal(text, fresh) {
		return what + " is as it was before you began it", nil
	}
	if unread == nil {
		if err := wholefile.CanReplace(file); err != nil {
			return "", err
		}
	}
	old := ""
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) { // even a link that leads nowhere
		if old, err = keep(file, text, unread != nil); err != nil {
			return "", err
		}
		old = "; your text is kept in " + filepath.ToSlash(filepath.Join(filepath.Dir(e.File), old))
	}
	if _, err := wholefile.Replace(file, func(w io.Writer) error { _, err := w.Write(fresh); return err }); err != nil {
		return "", err
	}
	return what + " is put back" + old, nil
}

// keep writes a file's old text beside the file, under a new name, which the go command ignores. What is no text, such as a
// folder in the file's place, gets that name itself.
func keep(file string, text []byte, isNoText bool) (name string, err error) {
	for n := 1; ; n++ {
		name = fmt.Sprintf("%s.old%d", file, n)
		if !isNoText {
			err = wholefile.New(name, text)
		} else if _, err = os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(file, name)
		} else if err == nil {
			err = fs.ErrExist
		}
		if !errors.Is(err, fs.ErrExist) {
			return filepath.Base(name), err
		}
	}
}
