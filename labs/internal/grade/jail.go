package grade

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"

	"socketlabs/labs/internal/jail"
)

// kept are the variables of the environment that the student's process needs of the grader's.
var kept = []string{"LABS_STUDENT", "LABS_IP"}

// What the student's process may take beside what its task allows: a student's code that is right takes a tenth of it.
const (
	mostInFile    = 16 << 20 // bytes
	mostOpen      = 1024     // descriptors
	mostProcesses = 128      // and threads
)

// Missing says what this system lacks to keep students' code apart from everything else: nothing if all is there.
var Missing = sync.OnceValue(func() string { return jail.Missing(context.Background()) })

// apart is the command line of a student's process, kept apart as well as this system can, as a list in JSON.
func apart(limits Limits, binary string) (string, error) {
	inJail := jailOf(limits)
	inJail.Walls = Missing() == ""
	line, err := inJail.Line()
	if err != nil {
		return "", err
	}
	return inJSON(append(line, binary))
}

// jailOf is a jail without walls.
func jailOf(limits Limits) jail.Plan {
	return jail.Plan{
		Keep: kept,
		Limits: jail.Limits{
			Time:      limits.Time + killing, // the grader ends it before that
			CPU:       limits.Time * time.Duration(runtime.NumCPU()),
			Memory:    limits.Memory,
			File:      mostInFile,
			Open:      mostOpen,
			Processes: mostProcesses,
		},
	}
}

func inJSON(line []string) (string, error) {
	text, err := json.Marshal(line)
	return string(text), err
}
