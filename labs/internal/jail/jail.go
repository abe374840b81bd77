// Package jail runs a program that nobody vouches for. Where the system gives it the means, the program has processes, files
// and mounts of its own: it sees no other process, a few files that it can't change, and a small folder for temporary ones.
// It shares the network with the process that starts it, and has its standard streams. When it ends, all that it has started
// ends.
//
// A command line that begins with a plan's Line starts the program. On Linux, the jail has two processes of its own: the outer
// one is outside, and starts the inner one, the first process inside, which starts the program. Both are this binary, so what
// links this package calls Enter before it does anything else.
package jail

import (
	"encoding/json"
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

// The roles of a binary in a jail, which stand behind its name. The last is that of a program which does nothing.
const (
	outer   = "labs-jail-outer"
	inner   = "labs-jail-inner"
	nothing = "labs-jail-nothing"
)

// LineOf is the Line for a machine with Linux, where self is the path of a binary that calls Enter.
func (p Plan) LineOf(self string) []string { return append([]string{self}, p.words(outer)...) }

func (p Plan) words(role string) []string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // a plan is plain data
	}
	return []string{role, string(text)}
}
