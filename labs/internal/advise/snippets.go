package advise

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/term"
)

//go:embed snippets
var files embed.FS

// snippet is the text that sets a candidate's settings at a place.
type snippet struct {
	place
	of      candidate
	text    string
	differs string // what is written differently from the candidate's settings; empty if nothing is
	why     string // why it does not meet the goal; empty if it does
}

// snippetOf writes the candidate that has the fewest shortfalls at that place, and the first of several.
func (g goal) snippetOf(p place, candidates []candidate) (snippet, error) {
	missed := func(c candidate) []shortfall { return g.shortfalls(p.written(c.settings)) }
	chosen := slices.MinFunc(candidates, func(a, b candidate) int { return cmp.Compare(len(missed(a)), len(missed(b))) })
	why := ""
	if short := missed(chosen); short != nil {
		why = short[0].why
	}
	text, err := p.text(chosen.settings)
	return snippet{p, chosen, text, differences(chosen.settings, p.written(chosen.settings)), why}, err
}

// differences lists the settings that are written with another value, or not at all.
func differences(set, written rule.Settings) string {
	var all []string
	unset, wanted := rule.Settings{}.Args(), set.Args()
	for i, arg := range written.Args() {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case arg == wanted[i]:
		case arg != unset[i]:
			all = append(all, fmt.Sprintf("-%s %s", name, value))
		default:
			all = append(all, fmt.Sprintf("no -%s", name))
		}
	}
	return strings.Join(all, ", ")
}

// printSnippets prints how to write the first candidate that meets the goal. Verified candidates come before others.
func (g goal) printSnippets(s *term.Screen, candidates []candidate) error {
	var good, unverified []candidate
	for _, c := range candidates {
		switch {
		case c.why != "":
		case c.unverified != "":
			unverified = append(unverified, c)
		default:
			good = append(good, c)
		}
	}
	good = append(good, unverified...)
	if len(good) == 0 {
		return g.noneDoes(candidates)
	}
	fmt.Fprintf(s, "\n%s\n", term.Bold.Render("How to write "+good[0].name))
	for _, p := range places {
		written, err := g.snippetOf(p, good)
		if err != nil {
			return err
		}
		written.print(s, good[0].name)
	}
	return nil
}

// print prints the snippet. Name is the candidate in the heading: if the snippet is of another one, print says so.
func (w snippet) print(s *term.Screen, name string) {
	fmt.Fprintf(s, "\n%s\n", term.Bold.Render(w.where))
	if w.text == "" {
		fmt.Fprintln(s, term.Faint.Render("Nothing of it can be written here."))
		return
	}
	says := []string{w.testedWith(w.written(w.of.settings))}
	if w.of.name != name {
		says = append(says, fmt.Sprintf("Instead: %s (%s).", w.of.name, w.of.settings))
	}
	if w.differs != "" {
		says = append(says, "Here it has "+w.differs+".")
	}
	if w.why != "" {
		says = append(says, "It does not meet the goal: "+w.why+".")
	}
	for _, text := range says {
		fmt.Fprintln(s, term.Wrap(term.Faint.Render(text), s.Width()))
	}
	fmt.Fprint(s, w.text)
}

// text is how to write the settings there; empty if none of them can be written there.
func (p place) text(set rule.Settings) (string, error) {
	set = p.written(set)
	if set == (rule.Settings{}) {
		return "", nil
	}
	text, err := render(p.file, set)
	return strings.TrimSpace(text) + "\n", err
}

func render(file string, set rule.Settings) (string, error) {
	t, err := template.New(file).Funcs(template.FuncMap{
		"s":  func(d time.Duration) int64 { return int64(d / time.Second) },
		"ms": time.Duration.Milliseconds,
		"f":  func(d time.Duration) string { return fmt.Sprint(d.Seconds()) },
		"us": func(d time.Duration) int64 { return (d % time.Second).Microseconds() },
		"go": inGo,

		"flag": rule.Short,
		"wait": func(h rule.Heartbeat) time.Duration { return h.Silence - h.Every }, // for the answer to a ping
	}).ParseFS(files, "snippets/"+file)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = t.ExecuteTemplate(&text, file, set)
	return text.String(), err
}

// inGo is a duration as a Go expression.
func inGo(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d * time.Second", d/time.Second)
	}
	return fmt.Sprintf("%d * time.Millisecond", d.Milliseconds())
}
