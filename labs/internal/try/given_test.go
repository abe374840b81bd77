package try

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/labs/internal/cli"
)

// refusalOf is the error of a command with these flags, before anything is measured. It is empty if there is none.
func refusalOf(args ...string) string {
	tried := new(trying)
	flags := tried.command(new(cli.Session)).Flags()
	err := flags.Parse(args)
	if err == nil {
		var r *report
		if r, err = tried.report(flags); err == nil {
			_, err = tried.failures(r)
		}
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// Any flags are either accepted, or refused in one line that says what to give.
func TestStrangeSettingsAreRefused(t *testing.T) {
	const (
		seconds          = "give a time such as 20s or 500ms"
		pings            = "give EVERY or EVERY,SILENCE: the time between pings, and the silence after which the peer counts as dead, such as 5s,15s"
		three, numbers   = "give IDLE,INTERVAL,COUNT, such as 30s,10s,3", "give two times and a number, such as 30s,10s,3"
		most             = "give a time of at most 10000h"
		idles, probes    = "and takes 1 to 32767 s", "and takes 1 to 127"
		chance, unread   = "it is chance whether an answer comes first; give times at least 100ms apart", "give a silence of at most 10000 pings"
		soon, noFailures = "a call may fail before it has begun; give 1ms or more", "there are: healthy peer, idle; "
	)
	for flags, want := range map[string]map[string]string{
		"--keepalive": {
			"": three, "1s": three, "1s,1s": three, "1s,1s,1,1": three, "1s 1s 1": three,
			",,": numbers, "1s,1s,": numbers, "1s,1s,1s": numbers, "1s,1s,1.5": numbers, "1s,1s,99999999999999999999": numbers, "1e3s,1s,1": numbers,
			"9999999999999,1,1": numbers, "0,0,0": "to turn keepalive off, say off",
			"0,1,1": idles, "-1s,1s,1": idles, "32768,1,1": idles, "2562047h47m16s,1s,1": idles,
			"1s,0,1": idles, "1,-1,1": idles, "1,32767001ms,1": idles, "1s,2562047h47m16s,1": idles,
			"1,1,0": probes, "1,1,-1": probes, "1,1,128": probes, "1,1,9223372036854775807": probes,
			"1,1,1": "", "1ms,1ns,127": "", "32767,32767,127": "", "off": "",
		},
		"--user-timeout": {
			"": seconds, "0": seconds, "20": seconds, "-1s": seconds, "1s,2s": seconds, "NaNs": seconds, "99999999h": seconds, "10001h": most,
			"597h": "the kernel takes an int of milliseconds, at most 596h31m23.647s", "1ns": "", "596h": "", "off": "",
		},
		"--read-timeout":   {"0s": seconds, "-1s": seconds, "soon": seconds, "10001h": most, "2562047h": most, "999us": soon, "1ms": "", "10000h": "", "off": ""},
		"--write-timeout":  {"0s": seconds, "-1s": seconds, "soon": seconds, "10001h": most, "2562047h": most, "999us": soon, "1ms": "", "10000h": "", "off": ""},
		"--answer-timeout": {"0s": seconds, "-1s": seconds, "soon": seconds, "10001h": most, "2562047h": most, "999us": soon, "1ms": "", "10000h": "", "off": ""},
		"--dial-timeout":   {"0s": seconds, "-1s": seconds, "soon": seconds, "10001h": most, "2562047h": most, "999us": soon, "1ms": "", "10000h": "", "off": ""},
		"--heartbeat": {
			"": pings, "0s": pings, "-1s": pings, "1s,": pings, ",1s": pings, "1s,0s": pings, "1s,-1s": pings, "1s,2s,3s": pings, "5,15": pings,
			"10001h": most, "2540400h": most, "1s,2562047h": most,
			"1ns": chance, "1ms": chance, "1ms,2ms": chance, "1s,1s": chance, "1s,1.099s": chance, "1s,901ms": chance,
			"1us,101ms": unread, "1ms,10002ms": unread,
			"1s,1.1s": "", "5s,1s": "", "50ms": "", "1ms,10s": "", "3333h": "", "3334h": most, "10000h,5000h": "", "off": "",
		},
		"--heartbeat 1s --read-timeout":      {"1s": chance, "990ms": chance, "1.09s": chance, "2s": "", "900ms": ""},
		"--like":                             {"": "give a name", "GO": `there is no profile "GO"; there are linux, go, `, "go,linux": "there is no profile", "go": ""},
		"--like go --box":                    {"": "give a time such as 20s or 5m", "0s": "give a time", "-5s": "give a time", "soon": "give a time", "10001h": most, "1ns": "", "10000h": ""},
		"--like go --failure":                {"": "give a name", "rain": noFailures, "7": noFailures, ",": noFailures, "killed": ""},
		"--like go --show":                   {"": "give a name", "rain": noFailures, "7": noFailures, "idle": `--show "idle": give more words; these failures have them: `, "killed": ""},
		"--like redis --failure":             {"connect": "redis is a server, which dials no connections", "killed": ""},
		"--heartbeat off --user-timeout":     {"off": ""},
		"--keepalive 1,1,128 --user-timeout": {"597h": probes},
	} {
		for value, says := range want {
			got := refusalOf(append(strings.Fields(flags), value)...)
			assert.NotContains(t, got, "\n")
			if says == "" {
				assert.Empty(t, got, "%s %q", flags, value)
			} else {
				assert.Contains(t, got, says, "%s %q", flags, value)
			}
		}
	}
}
