package reportpage

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/picture"
)

// test is what came of a test, or of a part of it, on one kernel.
type test struct {
	ID       string // of its section
	Name     string // that of the part, or of the kernel
	Result   result
	Says     string // why it failed or was skipped
	Picture  template.HTML
	Story    []string
	Compared []comparison
	Parts    []*test

	took    time.Duration
	isFirst bool // the experiment is shown by it
}

// comparison is a time that a test has measured.
type comparison struct {
	Ended string // what ended before it
	story.Span
}

// Bound is never below nothing: what the harness allows for is a tick of the kernel's clock.
func (c comparison) Bound() time.Duration { return max(c.Least, 0) }

// Late is how much more it was.
func (c comparison) Late() time.Duration { return c.Took - c.Bound() }

// newTest gives what a run has kept of an experiment, with its parts; nil if that is nothing.
func newTest(r kept.Run, experiment string) *test {
	all := make(map[string]*test) // by name
	for _, k := range r.Tests {
		name := k.Lab + "/" + k.Test
		if name == experiment || strings.HasPrefix(name, experiment+"/") {
			place(all, experiment, name).fill(name, k)
		}
	}
	whole := all[experiment]
	if whole == nil {
		return nil
	}
	whole.Name = kernelName(r)
	whole.settle(r.Kernel)
	return whole
}

// place is where a test belongs among all: below the one that it is a part of.
func place(all map[string]*test, experiment, name string) *test {
	if all[name] == nil {
		above, part := cutLast(name)
		all[name] = &test{ID: name, Name: strings.ReplaceAll(part, "_", " ")}
		if name != experiment {
			whole := place(all, experiment, above)
			whole.Parts = append(whole.Parts, all[name])
		}
	}
	return all[name]
}

func cutLast(name string) (above, last string) {
	i := strings.LastIndex(name, "/")
	return name[:i], name[i+1:]
}

func (t *test) fill(name string, k kept.Test) {
	t.Result = resultOf(k.Result)
	t.took = k.Time()
	switch t.Result {
	case passed:
	case skipped:
		t.Says = k.Reason()
	default:
		t.Says = strings.Join(k.Says, "\n")
	}
	if k.Story == nil {
		return
	}
	t.Picture = template.HTML(picture.Draw(name, *k.Story))
	var lines story.Printer
	t.Story = lines.Lines(k.Story.Events, true)
	t.Compared = compared(k.Story.Events)
}

// settle takes from the parts what was not kept of the whole, and tells the sections of kernels apart.
func (t *test) settle(kernel string) {
	if kernel != "" {
		t.ID = kernel + "/" + t.ID
	}
	var ofParts []result
	for _, part := range t.Parts {
		part.settle(kernel)
		ofParts = append(ofParts, part.Result)
		t.took = max(t.took, part.took)
	}
	if t.Result == "" {
		t.Result = most(ofParts)
	}
}

// Took says how long the test took, on the clock of its kernel.
func (t *test) Took() string {
	if t.took < time.Second/10 {
		return "under 0.1 s"
	}
	return story.Tenths(t.took)
}

// IsHere reports whether the test ran on the machine itself.
func (t *test) IsHere() bool { return t.Name == here }

// Leaves are the parts that have none, the test itself if it has no parts.
func (t *test) Leaves() (all []*test) {
	if len(t.Parts) == 0 {
		return []*test{t}
	}
	for _, part := range t.Parts {
		all = append(all, part.Leaves()...)
	}
	return all
}

// IsOpen reports whether the test is shown unasked, as a failed one is.
func (t *test) IsOpen() bool {
	return t.isFirst || slices.ContainsFunc(t.Leaves(), func(leaf *test) bool {
		return leaf.Result == failed || leaf.Result == notEnded
	})
}

// IsPictured reports whether there is a picture of the test, or of a part of it.
func (t *test) IsPictured() bool {
	return t.Picture != "" || slices.ContainsFunc(t.Parts, (*test).IsPictured)
}

// last is the last time that the test has compared, which is that of its end.
func (t *test) last() (c comparison, ok bool) {
	if t == nil || len(t.Compared) == 0 {
		return c, false
	}
	return t.Compared[len(t.Compared)-1], true
}

// compared lists the times that the events compare, each with what ended before it.
func compared(events []story.Event) []comparison {
	var all []comparison
	ended := ""
	for _, e := range events {
		if e.Kind == story.Outcome || e.Kind == story.Returned {
			ended = string(e.Lane) + ": " + e.Text
		}
		if e.Span != nil {
			all = append(all, comparison{ended, *e.Span})
		}
	}
	return all
}
