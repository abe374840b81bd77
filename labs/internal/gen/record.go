package main

import (
	"context"
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/decisions"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/picture"
)

// settings are the environment variables of a run that pages are made from.
var settings = map[string]string{"LABS_IP": "4", "LABS_SANDBOX": "on", "LABS_LONG": "off"}

// run is what gen learned from a run of all experiments.
type run struct {
	seconds map[string]float64  // by experiment
	needs   map[string][]string // by experiment, sorted
	table   decisions.Table
	stories map[string][]story.Record // by experiment, in the order of its parts
}

// errLacking means that a page can't be made, because an experiment can't run on this machine.
type errLacking struct{ what string }

func (e errLacking) Error() string {
	return "this machine can't run all experiments; \"go run ./labs doctor\" says why: " + e.what
}

// runAll runs the experiments that are named, or all if none is. What it learns replaces what p.run knew about them.
func (p *project) runAll(ctx context.Context, tests ...string) error {
	folder, err := os.MkdirTemp("", "gen-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	args := []string{"-count=1", "-artifacts", "-outputdir", folder}
	if len(tests) > 0 {
		args = append(args, "-run", "^("+strings.Join(tests, "|")+")$")
	}
	for _, lab := range catalog.Labs(p.root, p.experiments) {
		args = append(args, "./"+lab.Name)
	}
	r := &run{seconds: make(map[string]float64), needs: make(map[string][]string), stories: make(map[string][]story.Record)}
	var began, skipped, lacking []string // tests, in the order of their events
	left, says := make(map[string]string), make(map[string]string)
	var failed strings.Builder
	err = gotest.Do(ctx, p.root, args, func(e gotest.Event) {
		r.table.Add(e)
		name := strings.TrimPrefix(e.Package, "socketlabs/") + "/" + e.Test
		experiment := experimentOf(name)
		switch {
		case e.Action == gotest.Output && strings.HasPrefix(e.Output, wire.NoSegments):
			lacking = append(lacking, "the wire")
		case e.Test == "":
		case e.Action == gotest.Output && !strings.HasPrefix(e.Output, "=== "):
			says[name] += e.Output
		case e.Action == gotest.Fail:
			failed.WriteString("\n" + says[name])
		case e.Action == gotest.Run:
			began = append(began, name)
		case e.Action == gotest.Artifacts:
			left[name] = e.Path
		case e.Action == gotest.Pass: // an experiment takes as long as its longest part
			r.seconds[experiment] = max(r.seconds[experiment], e.Elapsed)
		case e.Action == gotest.Attr && e.Key == skip.Attribute:
			needs := append(r.needs[experiment], strings.Split(e.Value, skip.Between)...)
			slices.Sort(needs)
			r.needs[experiment] = slices.Compact(needs)
		case e.Action == gotest.Skip:
			skipped = append(skipped, name)
		}
	})
	if err != nil {
		return fmt.Errorf("%w%s", err, &failed)
	}
	for _, name := range skipped {
		if !(catalog.Recorded{Needs: r.needs[experimentOf(name)]}).IsLong() {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		return errLacking{strings.Join(lacking, ", ")}
	}
	for _, name := range began {
		if left[name] == "" {
			continue // an experiment whose parts are tests has no story of its own
		}
		told, err := readStory(filepath.Join(left[name], "story.json"))
		if err != nil {
			return err
		}
		r.stories[experimentOf(name)] = append(r.stories[experimentOf(name)], told)
	}
	p.run = p.run.with(r)
	return nil
}

// with is the run, updated by a later one.
func (r *run) with(later *run) *run {
	if r == nil {
		return later
	}
	maps.Copy(r.seconds, later.seconds)
	maps.Copy(r.needs, later.needs)
	maps.Copy(r.stories, later.stories)
	if !later.table.HasGaps() {
		r.table = later.table
	}
	return r
}

// has reports whether the run knows something of an experiment. Of a long one that was skipped, it knows the needs.
func (r *run) has(e catalog.Experiment) bool {
	_, passed := r.seconds[e.Name()]
	return passed || r.needs[e.Name()] != nil
}

// experimentOf is the experiment that a test is a part of: it is lab/test if the test is lab/test/part.
func experimentOf(test string) string {
	names := strings.SplitN(test, "/", 3)
	return names[0] + "/" + names[1]
}

func readStory(name string) (story.Record, error) {
	file, err := os.Open(name)
	if err != nil {
		return story.Record{}, err
	}
	defer file.Close()
	return story.ReadJSON(file)
}

// storyOf is the beginning of the name of a part that is a story.
const storyOf = "story of "

// mostParts is how many subtests of an experiment tell their stories. The others are like them.
const mostParts = 4

// story is the story of an experiment's run, as Markdown.
func (r *run) story(e catalog.Experiment) string {
	if e.Test == decisions.Test {
		return "What each part has measured: [which defense finds which failure](../decisions.md).\n"
	}
	told := r.stories[e.Name()]
	var b strings.Builder
	b.WriteString("<details><summary>The story of one run</summary>\n\n")
	if isDrawn(e) {
		fmt.Fprintf(&b, "<img src=\"../%s/%s.svg\" width=\"480\" alt=\"%s\">\n\n", pictures, e.Test, html.EscapeString(e.Words()))
	}
	for _, record := range told[:min(len(told), mostParts)] {
		if _, part, isPart := strings.Cut(record.Test, "/"); isPart {
			fmt.Fprintf(&b, "%s:\n\n", strings.ReplaceAll(part, "_", " "))
		}
		var printer story.Printer
		fmt.Fprintf(&b, "```\n%s\n```\n\n", strings.Join(printer.Lines(record.Events, true), "\n"))
	}
	if more := len(told) - mostParts; more > 0 {
		fmt.Fprintf(&b, "There are %d more parts like these.\n\n", more)
	}
	b.WriteString("</details>\n")
	return b.String()
}

// inArrows are failures that segments show, so that a picture of arrows says more than words.
var inArrows = []string{"vanished peer", "outage", "rebooted peer", "stray segment", "hung process", "killed process"}

// isDrawn reports whether an experiment has a picture. With many failures, there would be too much in it.
func isDrawn(e catalog.Experiment) bool {
	const most = 2
	isOne := func(failure string) bool { return slices.Contains(inArrows, failure) }
	return len(e.Failures) <= most && slices.ContainsFunc(e.Failures, isOne)
}

func pictureOf(e catalog.Experiment) string { return docs + "/" + pictures + "/" + e.Test + ".svg" }

// drawing is the picture of an experiment, or of its first subtest.
func (r *run) drawing(e catalog.Experiment) string {
	return picture.File(e.Words(), r.stories[e.Name()][0])
}

// drawn are the pictures.
func (p *project) drawn() (files []file, err error) {
	for _, e := range p.experiments {
		if e.Long || !isDrawn(e) {
			continue
		}
		name := pictureOf(e)
		text := p.old(name)
		if p.tellsAnew(e) {
			text = p.run.drawing(e)
		}
		files = append(files, file{name, text})
	}
	return files, nil
}
