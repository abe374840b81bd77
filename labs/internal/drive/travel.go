package drive

import (
	"context"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/timemachine"
)

// Compile compiles what travels in the time machine, and shows how far that is.
func Compile(ctx context.Context, s *cli.Session, folders []string, pattern string) (job *timemachine.Job, err error) {
	begun := new(results.Results)
	err = s.Screen.During(func() { s.Screen.Show("", begun.Status()) }, func(then func(func())) (err error) {
		job, err = timemachine.Compile(ctx, s.Root, folders, pattern, func(c *gotest.Compiling) {
			then(func() { begun.Compiling = c })
		})
		return err
	})
	return job, err
}
