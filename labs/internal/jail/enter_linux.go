package jail

import (
	"encoding/json"
	"fmt"
	"os"

	"socketlabs/harness/grading/report"
)

// Line is the beginning of a command line that runs a program in the jail. The program's path and its arguments follow it.
func (p Plan) Line() ([]string, error) {
	self, err := os.Executable()
	return p.LineOf(self), err
}

// Enter makes this process a part of a jail if it was started as one. In that case it does not return.
func Enter() {
	const least = 4 // the binary, the role, the plan, the program
	if len(os.Args) == 2 && os.Args[1] == nothing {
		os.Exit(0)
	}
	if len(os.Args) < least || os.Args[1] != outer && os.Args[1] != inner {
		return
	}
	var p Plan
	if err := json.Unmarshal([]byte(os.Args[2]), &p); err != nil {
		fail(err)
	}
	if os.Args[1] == outer {
		p.runOuter(os.Args[3:])
	} else {
		p.runInner(os.Args[3:])
	}
}

// fail ends a jail that can't start the program, with a status of its own. If the program itself exits with that status, or with one
// that means a signal, the jail exits with 1 instead.
func fail(err error) {
	fmt.Fprintln(os.Stderr, "jail:", err)
	os.Exit(report.NotStarted)
}
