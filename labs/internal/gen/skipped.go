package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
)

// inWords says in words what a skipped experiment lacks, by the name of the need.
var inWords = map[string]string{
	"AnotherUser":     "root",
	"Capture":         "a capture",
	"LongTimers":      "minutes or hours",
	"MultipathTCP":    "Multipath TCP, which the downloaded kernel does not have",
	"PrivateLoopback": "a private loopback",
	"Python":          "Python",
	"ReuseDelay":      "system settings",
	"SystemSettings":  "system settings",
}

// lackedByGuest are the needs that the guest with the downloaded kernel does not meet.
var lackedByGuest = []string{"MultipathTCP", "Python"}

// skippedTable says in which place how many experiments run. It counts them in .ci/skips/skipped.txt, which .ci/run compares
// with the tests that are skipped. For the guest, it counts the experiments' needs.
func (p *project) skippedTable() (string, error) {
	list, err := os.ReadFile(filepath.Join(p.root, ".ci", "skips", "skipped.txt"))
	if err != nil {
		return "", err
	}
	table := fmt.Sprintf("| where the %s run | how many run | are skipped | what the skipped ones need |\n|---|---|---|---|\n", story.Count(len(p.experiments), "experiment"))
	for _, place := range []struct{ environment, name string }{
		{"check", "Linux, as root"},
		{"ordinary,unprivileged", "Linux, as an ordinary user"},
		{"own-loopback", "the machine's own loopback: `LABS_SANDBOX=off`"},
		{"confined", "a container: no rights, and the system calls that Docker allows by default"},
		{"", "the guest"},
	} {
		needs := p.needsInGuest()
		if place.environment != "" {
			needs = p.needsIn(place.environment, string(list))
		}
		row, err := p.skippedRow(place.name, needs)
		if err != nil {
			return "", err
		}
		table += row
	}
	return table, nil
}

// needsIn are the needs of the experiments that are skipped in one of these environments (with commas between them), one for
// each experiment.
func (p *project) needsIn(environments, list string) (needs []string) {
	for _, e := range p.experiments {
		for line := range strings.Lines(list) {
			words := strings.Fields(line)
			if len(words) == 3 && slices.Contains(append(strings.Split(environments, ","), "everywhere"), words[0]) && words[1] == e.Lab+"."+e.Test {
				needs = append(needs, words[2])
			}
		}
	}
	return needs
}

func (p *project) needsInGuest() (needs []string) {
	for _, e := range p.experiments {
		if i := slices.IndexFunc(e.Needs, func(need string) bool { return slices.Contains(lackedByGuest, need) }); i >= 0 {
			needs = append(needs, e.Needs[i])
		}
	}
	return needs
}

func (p *project) skippedRow(place string, needs []string) (string, error) {
	times := make(map[string]int)
	for _, need := range needs {
		if inWords[need] == "" {
			return "", fmt.Errorf("no words for what the need %s asks for: add them to labs/internal/gen/skipped.go", need)
		}
		times[inWords[need]]++
	}
	return fmt.Sprintf("| %s | %d | %d | %s |\n", place, len(p.experiments)-len(needs), len(needs), tallied(times)), nil
}

// tallied lists words with their counts, the most frequent first.
func tallied(times map[string]int) string {
	words := slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b))
	})
	for i, word := range words {
		words[i] = fmt.Sprintf("%s (%d)", word, times[word])
	}
	return strings.Join(words, ", ")
}

// skippedInPage is the sentence about the experiments that the machine of the site's pages can't show. "make check" runs all
// experiments in a page, and compares those that are skipped with the list.
func (p *project) skippedInPage() (string, error) {
	list, err := os.ReadFile(filepath.Join(p.root, "labs", "internal", "site", "testdata", "lacking.txt"))
	if err != nil {
		return "", err
	}
	times := make(map[string]int)
	for _, e := range p.experiments {
		times[reasonIn(string(list), e)]++
	}
	delete(times, "")
	skipped := 0
	for _, n := range times {
		skipped += n
	}
	return fmt.Sprintf("A page shows %d of %s. It skips the others, and says why: %s.\n",
		len(p.experiments)-skipped, story.Count(len(p.experiments), "experiment"), tallied(times)), nil
}

// reasonIn is the list's reason for an experiment; empty if it is not in the list.
func reasonIn(list string, e catalog.Experiment) string {
	for line := range strings.Lines(list) {
		if name, reason, _ := strings.Cut(strings.TrimSpace(line), ": "); name == e.Name() {
			return reason
		}
	}
	return ""
}
