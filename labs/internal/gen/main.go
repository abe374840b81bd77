// Command gen writes everything that is generated from the experiments: the pages in labs/docs, parts of the README, the
// labs' elsewhere_test.go, the catalog's record of their runs, the stories of quizzes, the checksums of the graders, and the
// starters of exercises. It runs all experiments, and reads the stories that they record.
//
//	main.go        what to do: write, or say what is out of date
//	project.go     the experiments and the claims, and the files that are made from them
//	record.go      one run of all experiments
//	marks.go       generated parts of pages that are written by hand
//	parts.go       those parts, by name
//	skipped.go     how many experiments run where
//	outputs.go     what the benchmarks in a page print
//	lab.go         the page of a lab
//	experiments.go the page of a file of experiments
//	elsewhere.go   a test that skips the experiments for Linux on other systems
//	found.go       how long each experiment takes, its needs and its failures
//	quizzes.go     the stories that quizzes are about
//	travel.go      a trip of the time machine
//	current.go     whether a file is up to date
//	recorded.go    whether the experiments still tell the stories of the pages
//	told.go        a story without what differs from run to run
//
// "make generate" runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"socketlabs/labs/internal/catalog"
)

func main() {
	check := flag.Bool("check", false, "write nothing, and say what is out of date")
	figures := flag.Bool("figures", false, "also run the benchmarks and the time machine")
	own := flag.String("own", "", "with -figures: the folder in which LABS_LONG=on labs run --keep has left this machine's own timers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx, *check, *figures, *own); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, check, figures bool, own string) error {
	root, err := catalog.Root(".")
	if err != nil {
		return err
	}
	// The pages must not depend on the user's settings.
	for name, value := range settings {
		os.Setenv(name, value)
	}
	p, err := load(root)
	if err != nil {
		return err
	}
	if check {
		files, err := p.files(ctx)
		if err = errors.Join(err, p.isCurrent(files)); err != nil {
			return err
		}
		if err := p.listen(ctx); err != nil {
			return err
		}
		return p.isAsTold()
	}
	if err := p.listen(ctx); err != nil {
		return err
	}
	if err := p.writeRecord(ctx); err != nil { // the time machine reads it, to know which experiments to run
		return err
	}
	p.own = own
	if p.figures = figures; figures {
		if err := p.writeRecord(ctx); err != nil {
			return err
		}
	}
	files, err := p.files(ctx)
	if err != nil {
		return err
	}
	return p.write(files)
}

// writeRecord writes the record of the experiments, and reads it again: pages say how long experiments take, and what they
// need.
func (p *project) writeRecord(ctx context.Context) error {
	record, err := p.record(ctx)
	if err != nil {
		return err
	}
	if err := p.write(record); err != nil {
		return err
	}
	return p.reload()
}
