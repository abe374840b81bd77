package try

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"socketlabs/lab04_compare/rule"
)

// report is a report without results. It fails if no settings are given, or if the kernel refuses them.
func (t *trying) report(flags *pflag.FlagSet) (*report, error) {
	r := &report{Middlebox: t.middlebox}
	settings, isGiven := t.given, t.like != ""
	if isGiven {
		profile, err := profileNamed(t.like)
		if err != nil {
			return nil, err
		}
		r.Like, settings = &profile, profile.Settings
	}
	changes := flag.NewFlagSet("", flag.ContinueOnError)
	settings.Define(changes)
	var errs []error
	flags.Visit(func(f *pflag.Flag) {
		if changes.Lookup(f.Name) != nil {
			errs = append(errs, changes.Set(f.Name, f.Value.String()))
			isGiven = true
			if r.Like != nil {
				r.Changed = append(r.Changed, "--"+f.Name+" "+f.Value.String())
			}
		}
	})
	if !isGiven {
		return nil, errors.New("give settings, such as --keepalive 30s,10s,3 --user-timeout 20s, or --like NAME; labs try --help lists them")
	}
	r.Settings, r.Remarks = rule.Taken(settings)
	return r, cmp.Or(append(errs, refusal(r.Remarks))...)
}

// refusal says in one line which settings the kernel refuses, and which experiments show it. It is nil if the kernel takes all.
func refusal(remarks []rule.Remark) error {
	var texts, shown []string
	for _, r := range remarks {
		if r.Refused {
			texts, shown = append(texts, r.Text), append(shown, "go run ./labs run "+r.Experiment+" shows it")
		}
	}
	if texts == nil {
		return nil
	}
	return errors.New(strings.Join(append(texts, slices.Compact(shown)...), "; "))
}

// failures are the failures to try. A server dials no connections, so it has no failures of connect.
func (t *trying) failures(r *report) (chosen []rule.Failure, err error) {
	asked := t.some
	if len(asked) == 0 {
		asked = []string{t.show}
	}
	isAsked := make(map[string]bool)
	for _, words := range asked {
		found, err := rule.FailuresLike(words)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			isAsked[f.Name] = true
		}
	}
	for _, f := range rule.Failures {
		if isAsked[f.Name] && (!r.isServer() || f.Call != rule.Connect) {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%s is a server, which dials no connections", r.Like.Name)
	}
	if t.show != "" && len(chosen) > 1 {
		var found []string
		for _, f := range chosen {
			found = append(found, f.Name)
		}
		return nil, fmt.Errorf("--show %q: give more words; these failures have them: %s", t.show, strings.Join(found, "; "))
	}
	return chosen, nil
}
