// Command inpage is what a page of the site computes in Go: the search of labs find, pictures of the running tests, and the
// outcome of settings by the rule. A page calls it in a Worker, by the names below. The results are JSON.
package main

import (
	"encoding/json"
	"syscall/js"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/find"
	"socketlabs/labs/internal/live"
)

func main() {
	for name, does := range map[string]func(args []js.Value) any{
		"learn": learn, "find": search, "begin": begin, "take": take, "tryout": tryout, "measured": measured,
	} {
		js.Global().Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			text, err := json.Marshal(does(args))
			if err != nil {
				panic(err) // every result can be encoded, so this is a bug
			}
			return string(text)
		}))
	}
	js.Global().Call("ready")
	select {}
}

// Known is an experiment with its source, as the site has it in a file.
type Known struct {
	catalog.Experiment
	Source string `json:"source"`
}

var index *find.Index

// learn takes the text of that file.
func learn(args []js.Value) any {
	var known []Known
	if err := json.Unmarshal([]byte(args[0].String()), &known); err != nil {
		return err.Error()
	}
	sources := make(map[string]string)
	var experiments []catalog.Experiment
	for _, k := range known {
		sources[k.Name()] = k.Source
		experiments = append(experiments, k.Experiment)
	}
	index = find.NewIndexOf(experiments, func(e catalog.Experiment) string { return sources[e.Name()] })
	return nil
}

// search returns what labs find finds for the words.
func search(args []js.Value) any {
	found := index.Find(args[0].String())
	if found == nil {
		found = []find.Match{}
	}
	return found
}

var run *live.Run

// begin starts to follow a run of a lab's tests.
func begin(args []js.Value) any {
	run = &live.Run{Lab: args[0].String()}
	return nil
}

// take takes the next output of the tests, and returns what the page shows of them.
func take(args []js.Value) any {
	run.Take(args[0].String())
	return run.Shown()
}
