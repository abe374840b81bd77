package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"socketlabs/harness/skip"
)

// event is an event of go test -json: go doc test2json.
type event struct {
	Action, Package, Test, Output, Key, Value string
}

// follow prints a line for each package, and the output of failed tests. It returns the skipped tests, each with what it
// needs.
func follow(events io.Reader, out io.Writer) (skipped []string, err error) {
	says, needs := map[string][]string{}, map[string]string{}
	for decoder := json.NewDecoder(events); ; {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			slices.Sort(skipped)
			return skipped, nil
		} else if err != nil {
			return nil, fmt.Errorf("go test -json: %w", err)
		}
		name := strings.TrimPrefix(e.Package, "socketlabs/")
		if e.Test != "" {
			name += "." + e.Test
		}
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			says[name] = append(says[name], e.Output)
		case "attr":
			if e.Key == skip.Attribute {
				needs[name] = e.Value
			}
		case "fail":
			fmt.Fprint(out, strings.Join(says[name], ""))
			delete(says, name)
		case "pass", "skip":
			if last := len(says[name]) - 1; e.Test == "" && last >= 0 {
				fmt.Fprint(out, says[name][last])
			} else if e.Test != "" && e.Action == "skip" {
				skipped = append(skipped, name+" "+cmp.Or(needs[name], "(does not say what it needs: use harness/skip)"))
			}
			delete(says, name)
		}
	}
}
