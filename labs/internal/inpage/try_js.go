package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"strconv"
	"syscall/js"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// tried is the outcome of settings by the rule.
type tried struct {
	Error   string            // why they can't be tried; then all other fields are empty
	Args    []string          // flags of TestYourSettings
	Fields  map[string]string // for the page's form, times in seconds; empty for what is off
	Remarks []rule.Remark
	Rows    []row
}

// row is the outcome of a failure.
type row struct{ Failure, Says string }

// tryout takes settings as JSON: the values of flags by their names. They may come from anybody's link.
func tryout(args []js.Value) any {
	settings, err := settingsIn(args[0].String())
	if err != nil {
		return tried{Error: err.Error()}
	}
	settings, remarks := rule.Taken(settings)
	for _, r := range remarks {
		if r.Refused {
			return tried{Error: r.Text}
		}
	}
	t := tried{Args: settings.Args(), Remarks: remarks, Fields: map[string]string{
		"idle": inSeconds(settings.Keepalive.Idle), "interval": inSeconds(settings.Keepalive.Interval), "count": "",
		"user-timeout": inSeconds(settings.UserTimeout), "dial-timeout": inSeconds(settings.DialTimeout),
		"write-timeout": inSeconds(settings.WriteTimeout), "read-timeout": inSeconds(settings.ReadTimeout),
		"answer-timeout": inSeconds(settings.AnswerTimeout),
		"every":          inSeconds(settings.Heartbeat.Every), "silence": inSeconds(settings.Heartbeat.Silence),
	}}
	if settings.Keepalive.On() {
		t.Fields["count"] = strconv.Itoa(settings.Keepalive.Count)
	}
	system := rule.Default()
	system.LinearSYNs = 0 // the page's kernel is older than 6.5
	for _, f := range rule.Failures {
		r := rule.Expect(settings, system, f)
		t.Rows = append(t.Rows, row{f.Name, inWords(r.Outcome, r.Nominal, r.By)})
	}
	return t
}

func settingsIn(text string) (settings rule.Settings, err error) {
	var given map[string]string
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return settings, errors.New("these are not settings")
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	settings.Define(flags)
	for name, value := range given {
		if flags.Lookup(name) == nil {
			return settings, errors.New("there is no setting " + strconv.Quote(name))
		}
		if err := flags.Set(name, value); err != nil {
			return settings, errors.New(name + ": " + err.Error())
		}
	}
	return settings, nil
}

// measured says in words what the experiment has measured, which is a rule.Result as JSON.
func measured(args []js.Value) any {
	var r rule.Result
	if err := json.Unmarshal([]byte(args[0].String()), &r); err != nil || r.MeasuredOutcome == "" {
		return "not measured"
	}
	return inWords(r.MeasuredOutcome, r.Measured, r.MeasuredBy)
}

func inWords(outcome string, after time.Duration, by string) string {
	text := outcome
	if after > 0 {
		text += " after " + story.Duration(after)
	}
	if by = cmp.Or(by, outcome); by != outcome {
		text += ", by " + by
	}
	return text
}

func inSeconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}
