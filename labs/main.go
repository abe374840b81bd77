// Command labs lists the experiments, shows one, runs them and draws what happens, and says what this
// machine can show. It reads the experiments from their source and runs them through go test.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
)

// Exit statuses.
const (
	failedStatus      = 1   // an experiment failed
	badUseStatus      = 2   // the command was not used as it can be
	interruptedStatus = 130 // as a shell reports SIGINT
	unreadStatus      = 141 // and SIGPIPE
)

// labs is what the commands share.
type labs struct {
	screen      *screen
	root        string // the module's folder
	experiments []catalog.Experiment
}

func main() {
	// SIGPIPE, too, should end the tests before it ends us.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := newCommand(&labs{screen: newScreen()}).ExecuteContext(ctx)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "labs: interrupted")
		os.Exit(interruptedStatus)
	case errors.Is(err, syscall.EPIPE):
		os.Exit(unreadStatus)
	case errors.Is(err, gotest.ErrFailed):
		os.Exit(failedStatus) // its own words were enough
	default:
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "labs:", line)
		os.Exit(badUseStatus)
	}
}

func newCommand(l *labs) *cobra.Command {
	root := &cobra.Command{
		Use:   "labs",
		Short: "See the experiments on sockets, and see them happen",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE:          l.loaded(func(context.Context, []string) error { return l.overview() }),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(l.screen)
	root.AddCommand(
		newListCommand(l),
		newShowCommand(l),
		newRunCommand(l),
		newClaimsCommand(l),
		newDoctorCommand(l),
		newMatrixCommand(l),
		newReportCommand(l),
		newExercisesCommand(l),
		newHintCommand(l),
		newGradeCommand(l),
		newSolutionCommand(l),
		newWatchCommand(l),
		newInitCommand(l),
		newTimemachineCommand(l),
	)
	return root
}

// loaded is a command that reads the experiments first, and says what is wrong with them.
func (l *labs) loaded(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := l.load()
		if len(l.experiments) == 0 && err != nil {
			return err
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "labs:", strings.ReplaceAll(err.Error(), "\n", "\nlabs: "))
		}
		return run(cmd.Context(), args)
	}
}

// load reads the experiments of the module that we are in, as far as they can be read.
func (l *labs) load() error {
	root, err := catalog.Root(".")
	if err != nil {
		return err
	}
	l.root = root
	l.experiments, err = catalog.Load(root)
	return err
}

func unknownCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2
	near := root.SuggestionsFor(name)
	if len(near) == 0 {
		return fmt.Errorf("there is no command %q; labs --help lists them", name)
	}
	return fmt.Errorf("there is no command %q; did you mean %s?", name, strings.Join(near, " or "))
}
