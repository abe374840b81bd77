// Command skips runs go test, and compares the skipped tests, and what they need, with the list for an environment in
// skipped.txt. Otherwise nobody would notice a test that is skipped where it should run.
//
//	skips ENVIRONMENT[,ENVIRONMENT]… [ARGUMENT OF GO TEST]…
//
// With several environments, the lines of all of them count.
package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

//go:embed skipped.txt
var list string

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "skips: name the environment first, as .ci/run does; the other arguments are for go test")
		os.Exit(2)
	}
	environment := os.Args[1]
	skipped, err := test(os.Args[2:])
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		os.Exit(1) // go test has printed why
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "skips:", err)
		os.Exit(2)
	}
	if found := compare(environment, list, skipped); found != "" {
		fmt.Fprint(os.Stderr, found)
		os.Exit(1)
	}
}

// test runs go test, and returns the tests that it skipped.
func test(args []string) (skipped []string, err error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if skipped, err = follow(events, os.Stdout); err != nil {
		cmd.Process.Kill()
	}
	return skipped, cmp.Or(err, cmd.Wait())
}

// everywhere is the environment of the lines that count in all environments.
const everywhere = "everywhere"

// compare says how the skipped tests differ from the list. It is empty if they don't.
func compare(environment, list string, skipped []string) string {
	var listed []string
	for line := range strings.Lines(list) {
		where, test, _ := strings.Cut(strings.TrimSpace(line), " ")
		if where == everywhere || slices.Contains(strings.Split(environment, ","), where) {
			listed = append(listed, test)
		}
	}
	return section(environment, "are skipped; make them run, or add them to .ci/skips/skipped.txt", without(skipped, listed)) +
		section(environment, "are not skipped; remove them from .ci/skips/skipped.txt, or find out where they are", without(listed, skipped))
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

func section(environment, heading string, tests []string) string {
	if len(tests) == 0 {
		return ""
	}
	text := "These " + heading + ":\n"
	for _, test := range tests {
		text += environment + " " + test + "\n"
	}
	return text
}
