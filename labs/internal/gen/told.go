package main

import (
	"regexp"
	"slices"
	"strings"
)

// told is what one or several runs of an experiment have told, in lines without figures. Runs differ: events of the same
// moment may change places, and a busy machine may send a segment again.
type told struct {
	always, ever map[string]bool // lines of every run, lines of at least one run
}

func (t *told) add(text []string) {
	lines := make(map[string]bool)
	for _, line := range text {
		lines[line] = true
	}
	if t.always == nil {
		t.always, t.ever = lines, make(map[string]bool)
	}
	for line := range t.always {
		if !lines[line] {
			delete(t.always, line)
		}
	}
	for line := range lines {
		t.ever[line] = true
	}
}

// differs returns the differences between a text and what was told: with "-" the lines of every run that the text lacks, with
// "+" the text's lines that no run told.
func (t *told) differs(text []string) (lines []string) {
	has := make(map[string]bool)
	for _, line := range text {
		if has[line] = true; !t.ever[line] {
			lines = append(lines, "+ "+line)
		}
	}
	for line := range t.always {
		if !has[line] {
			lines = append(lines, "- "+line)
		}
	}
	return lines
}

var (
	segment = regexp.MustCompile(`wire(?: \d+)? +(\S+ → \S+) +(\S+(?: \S+)*)`)                  // the direction, and the meaning
	span    = regexp.MustCompile(`\d+(\.\d+)? ?(h|min|ms|µs|m|s)( ?\d+(\.\d+)? ?(min|m|s))*\b`) // 1 h 2 min 3.4 s, 300 ms, 1m0s
	date    = regexp.MustCompile(`[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4}`)
	dialed  = regexp.MustCompile(`dial tcp \S+: `) // a name has several addresses
	counted = regexp.MustCompile(`^.* more segments: .*$`)
	waits   = regexp.MustCompile(`^(.*: )still waiting$`)
)

// essence are the lines of a story without what differs from run to run: times, ports and numbers, the contents of segments,
// and the end of a call that was still waiting when the test was over. It leaves out segments unless the story is about them.
func essence(text string, withSegments bool) (lines []string) {
	waiting := make(map[string]bool)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if found := segment.FindStringSubmatch(line); found != nil {
			if !withSegments {
				continue
			}
			line = found[1] + " " + found[2]
		}
		line = dialed.ReplaceAllString(line, "dial tcp ADDRESS: ")
		line = date.ReplaceAllString(line, "DATE")
		line = withoutFigures(span.ReplaceAllString(line, "0 s"))
		if table, entries, found := strings.Cut(line, ": "); found && strings.Contains(table, "the kernel's table") {
			inOrder := strings.Split(entries, "; ") // the kernel lists them in the order of its hash table
			slices.Sort(inOrder)
			line = table + ": " + strings.Join(inOrder, "; ")
		}
		call, _, isCall := strings.Cut(line, ": ")
		if found := waits.FindStringSubmatch(line); found != nil {
			waiting[strings.TrimSuffix(found[1], ": ")] = true
		} else if isCall && waiting[call] || counted.MatchString(line) {
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// eachWord are the words of a picture, without those that differ from run to run. It compares words because figures decide
// where a line breaks.
func eachWord(picture string) (each []string) {
	for _, found := range pictureText.FindAllStringSubmatch(picture, -1) {
		if class, text := found[1], found[2]; !loose.MatchString(class) {
			words := strings.Fields(withoutFigures(span.ReplaceAllString(markup.ReplaceAllString(text, ""), "0 s")))
			each = append(each, slices.DeleteFunc(words, isUnit)...)
		}
	}
	return each
}

// isUnit reports whether a word is a unit of time. It may be on another line than its number.
func isUnit(word string) bool { return slices.Contains([]string{"h", "min", "s", "ms", "µs"}, word) }

var (
	loose  = regexp.MustCompile(`time|silence|number|words wire`) // classes
	markup = regexp.MustCompile(`<[^>]*>`)
)
