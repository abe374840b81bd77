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
	badUseStatus      = 2   // the command was not used as it can be, or can't read or write what it has to
	interruptedStatus = 130 // as a shell reports SIGINT
	terminatedStatus  = 143 // and SIGTERM
)

// labs is what the commands share.
type labs struct {
	screen      *screen
	root        string // the module's folder
	experiments []catalog.Experiment
}

func main() {
	ctx, stop := context.WithCancelCause(context.Background())
	endAtSignals(stop)
	l := &labs{screen: newScreen(func(err error) {
		stop(&ending{fmt.Errorf("can't write the output: %w", err), badUseStatus})
	})}
	root := newCommand(l)
	root.SetContext(ctx)
	err := l.execute(root)
	l.screen.end()
	os.Exit(statusOf(ctx, err))
}

// statusOf tells why the command did not do what it was asked, and gives the exit status. What has ended it comes first:
// whatever else happened follows from that.
func statusOf(ctx context.Context, err error) int {
	var early *ending
	switch {
	case errors.As(context.Cause(ctx), &early):
		return complain(early, early.status)
	case err == nil:
		return 0
	case errors.Is(err, gotest.ErrFailed):
		return failedStatus // its own words were enough
	default:
		return complain(err, badUseStatus)
	}
}

func complain(err error, status int) int {
	line, _, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintln(os.Stderr, "labs:", line)
	return status
}

// ending is the cause of a context that ends before the command has done what it was asked.
type ending struct {
	error
	status int
}

// endAtSignals ends the command when it is asked to end. SIGPIPE is caught so that a write to a closed pipe is an error
// of the write, and the tests are ended before we are.
func endAtSignals(end context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		switch <-signals {
		case syscall.SIGHUP:
			end(&ending{errors.New("the terminal was closed"), badUseStatus})
		case syscall.SIGTERM:
			end(&ending{errors.New("interrupted"), terminatedStatus})
		default:
			end(&ending{errors.New("interrupted"), interruptedStatus})
		}
	}()
}

func newCommand(l *labs) *cobra.Command {
	root := &cobra.Command{
		Use:           "labs",
		Short:         "See the experiments on sockets, and see them happen",
		Args:          func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		RunE:          l.loaded(func(context.Context, []string) error { return l.overview() }),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(l.screen)
	root.SetFlagErrorFunc(badFlag)
	root.SetHelpCommand(newHelpCommand(root))
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		newListCommand(l),
		newShowCommand(l),
		newRunCommand(l),
		newClaimsCommand(l),
		newDoctorCommand(l),
		newMatrixCommand(l),
		newTryCommand(l),
		newAdviseCommand(l),
		newReportCommand(l),
		newExercisesCommand(l),
		newHintCommand(l),
		newGradeCommand(l),
		newSolutionCommand(l),
		newWatchCommand(l),
		newInitCommand(l),
		newTimemachineCommand(l),
		newCompletionCommand(root),
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
