package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// separator is between the key of a mutant and the reason why it may survive.
const separator = " — "

// readExplained reads the list of the mutants that may survive: file: function: call — why. It ignores empty
// lines, and lines that begin with #.
func readExplained(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: change to the folder of the module, or give -explained", err)
	}
	defer file.Close()
	explained := make(map[string]string)
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, why, _ := strings.Cut(line, separator)
		switch {
		case strings.TrimSpace(why) == "":
			return nil, fmt.Errorf("%s:%d: write: file: function: call%swhy it may survive", path, n, separator)
		case explained[key] != "":
			return nil, fmt.Errorf("%s:%d: %s is explained twice", path, n, key)
		}
		explained[key] = why
	}
	return explained, lines.Err()
}

// complaints are the survivors without an explanation, and the explanations that are not needed: of mutants that
// a test notices, or that no longer exist in the files of folders.
func complaints(all []mutant, results map[int]outcome, explained map[string]string, folders []string) []string {
	var found []string
	there := make(map[string]bool)
	for _, m := range all {
		there[m.key] = true
		lives := results[m.id] == survived || results[m.id] == notRun
		switch why := explained[m.key]; {
		case lives && why == "":
			found = append(found, fmt.Sprintf("%s: %s", results[m.id], m.key))
		case !lives && why != "" && results[m.id] != "":
			found = append(found, fmt.Sprintf("explained, but %s: %s", results[m.id], m.key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(explained)) {
		file, _, _ := strings.Cut(key, ": ")
		if slices.Contains(folders, path.Dir(file)) && !there[key] {
			found = append(found, "explained, but gone: "+key)
		}
	}
	return found
}
