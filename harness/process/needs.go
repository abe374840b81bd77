package process

import (
	"context"
	"fmt"
	"sync"

	"socketlabs/harness"
)

// What experiments may need to start a process.
var (
	Processes = harness.Need{
		Name: "Processes", Says: "a process can be killed, stopped and continued",
		Missing: func() string { return signalsMissing() },
	}
	Python = harness.Need{
		Name: "Python", Says: "python3 can run the programs of the experiments about Python",
		Missing: sync.OnceValue(pythonMissing),
	}
)

// pythonMissing says why python3 runs nothing here.
func pythonMissing() string {
	if _, err := python(context.Background(), ""); err != nil {
		return fmt.Sprintf("%v; install Python 3, and see that python3 is on the PATH", err)
	}
	return ""
}
