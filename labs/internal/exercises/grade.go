package exercises

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/netns"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/classroom"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/gradebook"
	"socketlabs/labs/internal/names"
	"socketlabs/labs/internal/submissions"
	"socketlabs/labs/internal/term"
)

// usualLimits are several times what a correct exercise needs, even on a busy machine.
var usualLimits = grade.Limits{Time: time.Minute, Output: 1 << 20, Memory: 512 << 20}

// The shortest limits with which all correct exercises pass. In a guest, each instruction takes a nanosecond of virtual
// time, so processes start slowly.
const (
	leastTime    = 5 * time.Second
	leastInGuest = 15 * time.Second
)

// Grade is the verb that grades exercises.
func Grade(s *cli.Session) *cobra.Command {
	format, from, place, limits := formatFlag(asText), "", "", usualLimits
	class := classroom.Task{}
	cmd := &cobra.Command{
		Use:               "grade [LAB or EXERCISE…]",
		Short:             "Grade exercises by the project's own graders",
		Args:              cli.Takes(0, cli.AnyNumber, "names of labs and exercises"),
		ValidArgsFunction: cli.Offering(cli.AnyNumber, offerLabsOfExercises, offerExercises),
		RunE: s.Exercised(func(ctx context.Context, all []catalog.Exercise, args []string) error {
			chosen, err := names.Exercises(all, args)
			if err != nil {
				return err
			}
			least := leastTime
			if place == cli.OnGuest {
				least = leastInGuest
			}
			if limits.Time < least {
				return fmt.Errorf("--limit %s: correct code takes up to 3s, and more on a busy machine or in a guest; give at least %s", limits.Time, least)
			}
			task := grade.Task{Root: s.Root, Student: s.Root, Exercises: chosen, Limits: limits}
			if class.From != "" {
				sayWhatIsMissing(os.Stderr)
				class.Each, class.All = task, all
				return class.Do(ctx, s.Screen)
			}
			if class.Output != "" || class.Accept {
				return errors.New("-o and --accept-missing go with --class; to grade one student into a file, give --format and redirect the output")
			}
			if err := drive.ChooseForExercises(ctx, s, place, chosen); err != nil {
				return err
			}
			task.Guest = s.Guest
			known := progressOf(s.Root, all)
			if from != "" {
				if s.Guest == nil {
					sayWhatIsMissing(os.Stderr)
				}
				laid, err := layOut(from, all)
				if err != nil {
					return err
				}
				defer os.RemoveAll(laid)
				task.Student, known = laid, nil
			}
			return gradeTask(ctx, s.Screen, task, known, gradebook.Formats[string(format)])
		}),
	}
	cmd.Flags().Var(&format, "format", strings.Join(formats, ", "))
	cmd.Flags().Lookup("format").DefValue = "" // not shown: with "text", the line would be too long
	cli.FromFlag(cmd, &from, "grade the exercise.go files in `DIR`, a student's folder")
	cli.PathFlag(cmd, &class.From, "class", "", "grade all submissions in `DIR`, a folder or a zip file")
	cmd.MarkFlagDirname("class")
	cli.PathFlag(cmd, &class.Output, "output", "o", "write the class's results to `FILE`: .csv, .json, .html")
	cmd.Flags().BoolVar(&class.Accept, "accept-missing", false, "with --class, grade what was found")
	cli.OnFlag(cmd, &place)
	cmd.MarkFlagsMutuallyExclusive("class", "from")
	cmd.MarkFlagsMutuallyExclusive("class", "on")
	cmd.MarkFlagsMutuallyExclusive("class", "format")
	cli.LimitFlag(cmd, &limits.Time, "stop an exercise after this `TIME`")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// sayWhatIsMissing warns a person who grades other people's code if this system can't isolate it.
func sayWhatIsMissing(w io.Writer) {
	if missing := grade.Missing(); missing != "" {
		fmt.Fprintf(w, "labs: this system can't isolate students' code: %s. labs/CLASSROOM.md says what that means\n", missing)
	} else if why := sharesNetwork(); why != "" {
		fmt.Fprintf(w, "labs: students' code can use this machine's own network: %s\n", why)
	}
}

// sharesNetwork says why the graders, and so the students' code, are not on a loopback of their own. It is empty if they are.
func sharesNetwork() string {
	if os.Getenv("LABS_SANDBOX") == "off" {
		return "LABS_SANDBOX=off asks for it"
	}
	if err := netns.Allowed(); err != nil {
		return err.Error()
	}
	return ""
}

// layOut copies a submission into a temporary folder, with each file where the labs have it. The caller removes the folder.
func layOut(from string, all []catalog.Exercise) (dir string, err error) {
	s, err := submissions.Read(from, all)
	if err != nil {
		return "", err
	}
	if s.Problem != "" {
		return "", fmt.Errorf("%s: %s; put the files at labNN_x/exercise/exercise.go in it", s.Where, s.Problem)
	}
	if dir, err = os.MkdirTemp("", "labs-from-"); err != nil {
		return "", err
	}
	return dir, s.Lay(dir)
}

// gradeTask grades, and prints the results: by write, or as text if that is nil. It fails unless all points were earned.
func gradeTask(ctx context.Context, s *term.Screen, task grade.Task, known *progress, write func(io.Writer, gradebook.Grading) error) error {
	each := func(grade.Result) {}
	if write == nil {
		uncompiled := make(map[string]bool) // files
		each = func(r grade.Result) {
			printGraded(s, r, task, uncompiled[r.File])
			uncompiled[r.File] = uncompiled[r.File] || r.Result == report.Failed && r.Took == 0
		}
	}
	if known != nil {
		each = noting(known, task.Exercises, each)
	}
	begun := time.Now()
	results, err := gradeAll(ctx, s, task, each)
	if err != nil {
		return err
	}
	if undetected := grade.Undetected(results); undetected != "" {
		fmt.Fprintf(os.Stderr, "labs: %s\n", undetected)
	}
	earned, points := grade.Total(results)
	if write != nil {
		if err := write(s, gradebook.Grading{Results: results, Took: time.Since(begun)}); err != nil {
			return err
		}
	} else {
		score := term.Bold.Render(fmt.Sprintf("%d of %s", earned, story.Count(points, "point")))
		took := "in " + story.Tenths(time.Since(begun))
		if task.Guest != nil {
			took += ", on Linux " + task.Guest.Name()
		} else {
			took += "; once compiled, never more than " + story.Duration(task.Limits.AtMost(len(results)))
		}
		fmt.Fprintf(s, "\n%s\n", term.Hang(score+"   ", term.Faint.Render(took), s.Width()))
	}
	if earned < points {
		return gotest.ErrFailed
	}
	return nil
}
