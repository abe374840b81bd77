package grade

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"

	"socketlabs/labs/internal/jail"
)

// kept are the environment variables that the student's process takes over from the grader's.
var kept = []string{"LABS_STUDENT", "LABS_IP", "GORACE"}

// Limits of the student's process that are not in the task. Correct code needs a tenth of them.
const (
	mostInFile    = 16 << 20 // bytes
	mostOpen      = 1024     // descriptors
	mostProcesses = 128      // and threads
)

// Missing says what this system lacks to isolate students' code. It is empty if the system lacks nothing.
var Missing = sync.OnceValue(func() string { return jail.Missing(context.Background()) })

// apart is the command line of a student's process, isolated as well as this system can, as a list in JSON.
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
