// Command gen writes all that is generated from the experiments: the pages in labs/docs, parts of the README, the labs'
// elsewhere_test.go, what the catalog knows of their runs, and the sums of the graders. It runs all experiments once, and takes
// what they say from their record.
//
//	main.go        what to do: write, or say what is out of date
//	project.go     what everything is made from, and the files that are made
//	record.go      one run of all experiments
//	marks.go       generated parts of pages that are written by hand
//	parts.go       those parts, by name
//	skipped.go     how many experiments run where
//	outputs.go     what the benchmarks in a page print
//	lab.go         the page of a lab
//	experiments.go the page of a file of experiments
//	elsewhere.go   the stand-in for Linux's experiments on other systems
//	found.go       how long each experiment takes, what it needs, and what it makes fail
//	quizzes.go     the runs that quizzes are about
//	travel.go      a trip of the time machine
//	current.go     whether a file is as it should be
//	recorded.go    whether the experiments still tell what the pages say
//	told.go        what an experiment tells, whatever differs from run to run
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
	// What the pages show does not depend on what the user has set.
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
	if err := p.writeRecord(ctx); err != nil { // the time machine asks it which experiments travel
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

// writeRecord writes what was found of the experiments, and reads it: pages say how long they take, and what they need.
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
