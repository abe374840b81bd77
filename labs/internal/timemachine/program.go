package timemachine

import (
	"context"
	"path"
	"path/filepath"
	"runtime"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine/protocol"
)

// Program is a compiled test binary for Linux.
type Program struct {
	Name   string   // the package of its events
	Binary string   // a file of this machine
	Beside []string // other files of this machine, which the guest has in the same folder
	Args   []string
	Env    []string
	Stdin  string
	protocol.Limits
	Ended func(limit string) // called after its last event, with the limit that has ended it, or with ""
}

// InGuest is the path in the guest of a file that is beside a Program.
func InGuest(file string) string { return path.Join(protocol.Binaries, filepath.Base(file)) }

// GuestProgram is the path in the guest of its own program, which calls jail.Enter.
const GuestProgram = protocol.Init

// Load compiles the guest's program, and makes a job of these programs, which run one after another. It calls progress once,
// before it starts.
func Load(ctx context.Context, root string, programs []Program, progress func(*gotest.Compiling)) (*Job, error) {
	return prepare(ctx, root, runtime.GOARCH, nil, progress, func(j *Job) {
		j.ended = make(map[string]func(string))
		for _, p := range programs {
			for _, file := range append(p.Beside, p.Binary) {
				j.files[filepath.Base(file)] = file
			}
			j.ended[p.Name] = p.Ended
			j.job.Tests = append(j.job.Tests, protocol.Test{Package: p.Name, Binary: filepath.Base(p.Binary), Args: p.Args, Env: p.Env,
				Stdin: p.Stdin, Limits: p.Limits})
		}
	})
}
