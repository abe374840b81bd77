// Package jail runs a program that nobody vouches for. Where the system gives it the means, the program has processes, files
// and mounts of its own: it sees no other process, a few files that it can't change, and a small folder for temporary ones.
// It shares the network with the process that starts it, and has its standard streams. When it ends, all that it has started
// ends.
//
// A command line that begins with a plan's Line starts the program. The first process of the jail, the keeper, is outside. It
// starts the warden, the first process inside, which starts the program. Both are this binary, so what links this package
// calls Enter before it does anything else.
package jail

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Plan is how a program is shut in.
type Plan struct {
	Walls bool     // namespaces of its own; see Missing
	Keep  []string // the variables of the environment that the program gets as they are
	Limits
}

// Limits are what a program may take; 0 is any amount.
type Limits struct {
	Time      time.Duration // until it is killed, with all that it has started
	CPU       time.Duration // of one process
	Memory    int           // bytes of data of one process
	File      int           // bytes of one file
	Open      int           // descriptors of one process
	Processes int           // and threads
}

// Failed is the exit status of a jail that could not start the program; standard error says why.
const Failed = 125

// The roles of this binary in a jail, which stand behind its name. The last is that of a program which does nothing.
const (
	keeper  = "labs-jail-keeper"
	warden  = "labs-jail-warden"
	nothing = "labs-jail-nothing"
)

// Line is the beginning of a command line that runs a program so; the program's path and its arguments follow.
func (p Plan) Line() ([]string, error) {
	self, err := os.Executable()
	return append([]string{self}, p.words(keeper)...), err
}

func (p Plan) words(role string) []string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // a plan is plain data
	}
	return []string{role, string(text)}
}

// Enter makes this process a part of a jail, if it was started to be that; then it does not return.
func Enter() {
	const least = 4 // the binary, the role, the plan, the program
	if len(os.Args) == 2 && os.Args[1] == nothing {
		os.Exit(0)
	}
	if len(os.Args) < least || os.Args[1] != keeper && os.Args[1] != warden {
		return
	}
	var p Plan
	if err := json.Unmarshal([]byte(os.Args[2]), &p); err != nil {
		fail(err)
	}
	if os.Args[1] == keeper {
		p.keep(os.Args[3:])
	} else {
		p.guard(os.Args[3:])
	}
}

// fail ends a jail that can't start the program.
func fail(err error) {
	fmt.Fprintln(os.Stderr, "jail:", err)
	os.Exit(Failed)
}

// workingFolder is where the program begins. Within walls it may write there, and nowhere else.
var workingFolder = os.TempDir()

// environment is that of the program. It says nothing of the one who grades.
func (p Plan) environment() []string {
	env := []string{"PATH=/usr/bin:/bin", "HOME=" + workingFolder, "TMPDIR=" + workingFolder, "LANG=C.UTF-8"}
	for _, name := range p.Keep {
		if value, isSet := os.LookupEnv(name); isSet {
			env = append(env, name+"="+value)
		}
	}
	return env
}
