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

// test is a test, or a subtest, on one kernel.
type test struct {
	ID       string // the id of its section
	Name     string // the subtest's name; for a whole test, the kernel's
	Result   result
	Says     string // why it failed or was skipped
	Picture  template.HTML
	Story    []string
	Compared []comparison
	Parts    []*test

	took    time.Duration
	isFirst bool // it shows the experiment: see experiment.First
}

// comparison is a measured time that a test has compared with a bound.
type comparison struct {
	Ended string // what ended before it
	story.Span
}

// Bound is the lower bound, and at least 0: a bound that allows for a tick of the kernel may be negative.
func (c comparison) Bound() time.Duration { return max(c.Least, 0) }

// Late is how much longer than its bound the time was.
func (c comparison) Late() time.Duration { return c.Took - c.Bound() }

// newTest is an experiment's test in a run, with its subtests; nil if the run does not have it.
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

// place returns the test with this name. If there is none yet, it adds one below its parent.
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

// settle completes a test from its subtests, and makes ids that are unique among kernels.
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

// Took says how long the test took, by its kernel's clock.
func (t *test) Took() string {
	if t.took < time.Second/10 {
		return "under 0.1 s"
	}
	return story.Tenths(t.took)
}

// IsHere reports whether the test ran on the machine itself.
func (t *test) IsHere() bool { return t.Name == here }

// Leaves are the subtests without subtests of their own; the test itself if it has none.
func (t *test) Leaves() (all []*test) {
	if len(t.Parts) == 0 {
		return []*test{t}
	}
	for _, part := range t.Parts {
		all = append(all, part.Leaves()...)
	}
	return all
}

// IsOpen reports whether the test is unfolded at first: the first of an experiment is, and one that has failed.
func (t *test) IsOpen() bool {
	return t.isFirst || slices.ContainsFunc(t.Leaves(), func(leaf *test) bool {
		return leaf.Result == failed || leaf.Result == notEnded
	})
}

// IsPictured reports whether there is a picture of the test, or of a subtest.
func (t *test) IsPictured() bool {
	return t.Picture != "" || slices.ContainsFunc(t.Parts, (*test).IsPictured)
}

// last is the last time that the test has compared.
func (t *test) last() (c comparison, ok bool) {
	if t == nil || len(t.Compared) == 0 {
		return c, false
	}
	return t.Compared[len(t.Compared)-1], true
}

// compared lists the times that a test compared, each with the call or outcome that ended before.
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
