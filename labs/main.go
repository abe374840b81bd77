// Command labs lists the experiments, shows their source, runs them and draws what happens, and says what this
// machine can show. It reads the experiments from their source, and runs them by go test.
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

	"socketlabs/harness/netns"
	"socketlabs/labs/internal/advise"
	"socketlabs/labs/internal/browse"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/doctor"
	"socketlabs/labs/internal/exercises"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/jail"
	"socketlabs/labs/internal/matrix"
	"socketlabs/labs/internal/quiz"
	"socketlabs/labs/internal/report"
	"socketlabs/labs/internal/run"
	"socketlabs/labs/internal/sanitize"
	"socketlabs/labs/internal/scaffold"
	"socketlabs/labs/internal/studentsfolder"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/travel"
	"socketlabs/labs/internal/try"
)

// Exit statuses.
const (
	failedStatus      = 1   // an experiment failed
	badUseStatus      = 2   // the arguments are wrong, or the command can't read or write a file
	interruptedStatus = 130 // as a shell reports SIGINT
	terminatedStatus  = 143 // as a shell reports SIGTERM
)

func main() {
	jail.Enter()
	netns.Probed()
	ctx, stop := context.WithCancelCause(context.Background())
	endAtSignals(stop)
	s := &cli.Session{Screen: term.NewScreen(os.Stdout, os.Stderr, func(err error) {
		stop(&ending{fmt.Errorf("can't write the output: %w", err), badUseStatus})
	})}
	root := newCommand(s)
	root.SetContext(ctx)
	err := s.Execute(root)
	s.Screen.End()
	os.Exit(statusOf(ctx, err))
}

// statusOf prints why the command failed, and returns the exit status. If the command was ended, that is the reason, because
// all other errors follow from it.
func statusOf(ctx context.Context, err error) int {
	var early *ending
	switch {
	case errors.As(context.Cause(ctx), &early):
		return complain(early, early.status)
	case err == nil:
		return 0
	case errors.Is(err, gotest.ErrFailed):
		return failedStatus // the failure was printed already
	default:
		return complain(err, badUseStatus)
	}
}

func complain(err error, status int) int {
	line, _, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintln(os.Stderr, "labs:", sanitize.Text(line)) // it may contain a file name that a student chose
	return status
}

// ending is the cause of a context that ends before the command is done.
type ending struct {
	error
	status int
}

// endAtSignals ends the command at a signal. It also catches SIGPIPE, so that a write to a closed pipe fails, and the command
// can end the tests before it ends itself.
func endAtSignals(end context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
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

func newCommand(s *cli.Session) *cobra.Command {
	root := cli.NewRoot(s, browse.Overview)
	root.AddCommand(
		browse.List(s),
		browse.Show(s),
		browse.Find(s),
		run.Command(s),
		try.Command(s),
		advise.Command(s),
		browse.Claims(s),
		doctor.Command(s),
		matrix.Command(s),
		report.Command(s),
		report.Site(s),
		exercises.List(s),
		exercises.Hint(s),
		exercises.Reset(s),
		exercises.Grade(s),
		exercises.Solution(s),
		exercises.Watch(s),
		quiz.Command(s),
		studentsfolder.Command(s),
		scaffold.Command(s),
		travel.Command(s),
		travel.Kernel(s),
		cli.Completion(root),
	)
	return root
}
