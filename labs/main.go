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
	badUseStatus      = 2   // the command was not used as it can be, or can't read or write what it has to
	interruptedStatus = 130 // as a shell reports SIGINT
	terminatedStatus  = 143 // and SIGTERM
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
	fmt.Fprintln(os.Stderr, "labs:", sanitize.Text(line)) // it may name a file of a student's
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
