// Command mutants tests the tests of the labs. A mutant is a test without one of the options that it sets on its
// sockets. The command makes one mutant at a time, and runs the tests that can notice. If no test notices, the
// mutant survives: then the experiment would show the same without the option. A list has the mutants that may
// survive, each with the reason. The command writes nothing into the folders of the sources.
//
//	go run ./labs/internal/mutants [-run regexp] [packages]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// Exit statuses.
const (
	foundStatus       = 1 // there are complaints
	badUseStatus      = 2
	interruptedStatus = 130
)

// labs are the packages that are mutated, unless others are named.
var labs = []string{"./lab01_timeout", "./lab02_reuseaddr", "./lab03_keepalive", "./lab04_compare", "./lab04_compare/robust"}

var errFound = errors.New("there are survivors, or explanations of none")

// job is what the command line asks for.
type job struct {
	dir      string // the module's folder, absolute; keys are relative to it
	packages []string
	only     *regexp.Regexp // matches the keys of the mutants to run
	list     string         // the file of the mutants that may survive
	limit    time.Duration  // how long the tests of a mutant may take
	parallel int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	j := job{packages: labs}
	only := flag.String("run", "", "only mutants whose \"file: function: call\" matches this `regexp`")
	flag.StringVar(&j.list, "explained", "labs/internal/mutants/explained.txt", "`file` with the mutants that may survive")
	flag.DurationVar(&j.limit, "limit", 20*time.Second, "how long a mutant's tests may take")
	flag.IntVar(&j.parallel, "parallel", 8*runtime.NumCPU(), "mutants at a time: their tests usually wait")
	flag.Parse()
	if flag.NArg() > 0 {
		j.packages = flag.Args()
	}
	var err error
	if j.only, err = regexp.Compile(*only); err != nil {
		err = fmt.Errorf("-run: %w", err)
	} else {
		j.dir, err = os.Getwd()
	}
	if err == nil {
		err = j.run(ctx, os.Stdout, os.Stderr)
	}
	stop()
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		os.Exit(interruptedStatus)
	case errors.Is(err, errFound):
		os.Exit(foundStatus)
	default:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(badUseStatus)
	}
}

// run writes complaints to out, and the outcome of each mutant to progress.
func (j job) run(ctx context.Context, out, progress io.Writer) error {
	explained, err := readExplained(j.list)
	if err != nil {
		return err
	}
	packages, err := list(ctx, j.dir, j.packages)
	if err != nil {
		return err
	}
	var all []mutant
	var folders []string
	for _, p := range packages {
		mutants, err := p.mutants(j.dir, len(all)+1)
		if err != nil {
			return err
		}
		all = append(all, mutants...)
		folders = append(folders, p.folder(j.dir))
	}
	results, err := j.outcomes(ctx, packages, all, progress)
	if err != nil {
		return err
	}
	found := complaints(all, results, explained, folders)
	for _, complaint := range found {
		fmt.Fprintln(out, complaint)
	}
	if len(found) > 0 {
		return errFound
	}
	return nil
}

// outcomes runs the mutants whose keys match only, and returns their outcomes by id.
func (j job) outcomes(ctx context.Context, packages []*pkg, all []mutant, progress io.Writer) (map[int]outcome, error) {
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	fmt.Fprintf(progress, "compiling %d mutants of %d packages\n", len(all), len(packages))
	if err := build(ctx, folder, packages); err != nil {
		return nil, err
	}
	for _, p := range packages {
		fmt.Fprintf(progress, "%s with no mutant\n", p.folder(j.dir))
		if _, err := (mutant{pkg: p}).run(ctx, folder, j.limit); err != nil {
			return nil, err
		}
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(m mutant) bool { return !j.only.MatchString(m.key) })
	results := make(map[int]outcome)
	var mu sync.Mutex // guards results and progress
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(j.parallel)
	for _, m := range chosen {
		group.Go(func() error {
			result, err := m.run(ctx, folder, j.limit)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			results[m.id] = result
			fmt.Fprintf(progress, "%d/%d %s: %s\n", len(results), len(chosen), result, m.key)
			return nil
		})
	}
	return results, group.Wait()
}
