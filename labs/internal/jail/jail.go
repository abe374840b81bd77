// Package jail runs an untrusted program. If the system allows it, the program has namespaces of its own for processes, files
// and mounts: it sees no other process, a few files that it can't change, and a small folder for temporary files. It shares
// the network with the process that starts it, and has its standard streams. When it ends, all processes that it has started
// end.
//
// A command line that begins with a plan's Line starts the program. On Linux, the jail itself has two processes. The outer one
// is outside the namespaces, and starts the inner one. The inner one is the first process inside, and starts the program. Both
// run this binary, so every binary that starts a jail must call Enter before it does anything else.
package jail

import (
	"encoding/json"
	"time"
)

// Plan is how a program is isolated.
type Plan struct {
	Walls bool     // namespaces of its own; see Missing
	Keep  []string // the environment variables that the program gets unchanged
	Limits
}

// Limits are how much a program may use; 0 means no limit.
type Limits struct {
	Time      time.Duration // until it is killed, with all processes that it has started
	CPU       time.Duration // of one process
	Memory    int           // bytes of data of one process
	File      int           // bytes of one file
	Open      int           // descriptors of one process
	Processes int           // processes and threads together
}

// The roles of a binary in a jail: the argument after its name. The last role is a program that does nothing.
const (
	outer   = "labs-jail-outer"
	inner   = "labs-jail-inner"
	nothing = "labs-jail-nothing"
)

// LineOf is the Line on a machine with Linux, if self is the path there of a binary that calls Enter.
func (p Plan) LineOf(self string) []string { return append([]string{self}, p.words(outer)...) }

func (p Plan) words(role string) []string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // every plan can be encoded, so this is a bug
	}
	return []string{role, string(text)}
}
