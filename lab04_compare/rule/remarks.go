package rule

import (
	"fmt"
	"math"
	"time"
)

// The largest values that the kernel accepts: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL and MAX_TCP_KEEPCNT in
// include/net/tcp.h.
const (
	MostSeconds = 32767
	MostProbes  = 127
)

// MostUserTimeout is the largest TCP_USER_TIMEOUT, an int of milliseconds: do_tcp_setsockopt() in net/ipv4/tcp.c.
const MostUserTimeout = math.MaxInt32 * time.Millisecond

// Remark explains a setting that does not do what one expects.
type Remark struct {
	Text       string `json:"text"`
	Experiment string `json:"experiment"`        // the experiment that shows it
	Refused    bool   `json:"refused,omitempty"` // the kernel refuses the value, or nobody can predict what it does
}

// Taken returns the settings as the kernel gets them, and remarks on the given settings. Go rounds keepalive's times up to
// whole seconds.
func Taken(given Settings) (taken Settings, remarks []Remark) {
	taken = given
	taken.UserTimeout, remarks = wholeMilliseconds(given.UserTimeout)
	remarks = append(remarks, tooShort(given)...)
	remarks = append(remarks, unsteady(given)...)
	if !given.Keepalive.On() {
		return taken, append(remarks, userTimeoutAlone(taken)...)
	}
	k := &taken.Keepalive
	for _, option := range []struct {
		name  string
		value *time.Duration
	}{{"idle time", &k.Idle}, {"interval", &k.Interval}} {
		asked := *option.value
		if asked <= 0 || asked > MostSeconds*time.Second {
			remarks = append(remarks, refused(option.name, asked, "1 to 32767 s"))
			continue
		}
		if *option.value = (asked + time.Second - 1).Truncate(time.Second); *option.value != asked {
			remarks = append(remarks, Remark{Text: fmt.Sprintf("the keepalive %s is %v: the kernel counts whole seconds, and Go rounds up to %v",
				option.name, asked, *option.value), Experiment: "lab03_keepalive/TestGoRoundsSettingsUp"})
		}
	}
	if k.Count < 1 || k.Count > MostProbes {
		remarks = append(remarks, refused("probe count", k.Count, "1 to 127"))
	}
	if k.Interval > k.Idle {
		remarks = append(remarks, Remark{Experiment: "lab03_keepalive/TestNextProbeComesTooLateForMiddlebox",
			Text: fmt.Sprintf("the interval of %v is longer than the idle time of %v: while the peer answers, a probe comes every %v",
				k.Interval, k.Idle, k.Interval)})
	}
	return taken, append(remarks, userTimeoutBeside(taken)...)
}

// wholeMilliseconds returns a user timeout as the kernel gets it, without fractions of a millisecond.
func wholeMilliseconds(asked time.Duration) (taken time.Duration, remarks []Remark) {
	const experiment = "lab03_keepalive/TestLimitsOfUserTimeout"
	taken = asked.Truncate(time.Millisecond)
	switch {
	case asked > MostUserTimeout:
		remarks = append(remarks, Remark{Refused: true, Experiment: experiment, Text: fmt.Sprintf(
			"the user timeout is %v: the kernel takes an int of milliseconds, at most %s", asked, Short(MostUserTimeout))})
	case taken != asked && taken == 0:
		remarks = append(remarks, Remark{Experiment: experiment, Text: fmt.Sprintf(
			"the user timeout is %v: the kernel counts whole milliseconds, and 0 means no timeout", asked)})
	}
	return taken, remarks
}

// tooShort remarks on deadlines that are so short that they end healthy calls.
func tooShort(set Settings) (remarks []Remark) {
	for _, of := range []struct {
		name  string
		value time.Duration
	}{{"dial", set.DialTimeout}, {"write", set.WriteTimeout}, {"read", set.ReadTimeout}, {"answer", set.AnswerTimeout}} {
		if of.value > 0 && of.value < time.Millisecond {
			remarks = append(remarks, Remark{Refused: true, Experiment: "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
				Text: fmt.Sprintf("the %s timeout is %v: a call may fail before it has begun; give 1ms or more", of.name, of.value)})
		}
	}
	return remarks
}

func refused(name string, value any, takes string) Remark {
	return Remark{Refused: true, Experiment: "lab03_keepalive/TestLimitsOfSettings", Text: fmt.Sprintf(
		"the keepalive %s is %v: the kernel refuses it with EINVAL, and takes %s", name, value, takes)}
}

// The bounds within which a heartbeat distinguishes a healthy peer from a dead one, on a busy machine, too.
const (
	leastForPong = 100 * time.Millisecond // from a ping to the end of the silence: on a busy machine, a pong is late
	MostPings    = 10000                  // in one silence; about 20,000 unread pings close a window
)

// unsteady remarks on heartbeats whose outcome depends on chance, and not on the peer alone.
func unsteady(set Settings) (remarks []Remark) {
	h := set.Heartbeat
	if !h.On() {
		return nil
	}
	for _, end := range []struct {
		name  string
		after time.Duration
	}{{"silence", h.Silence}, {"read timeout", set.ReadTimeout}} {
		if end.after > 0 && (end.after-h.Every).Abs() < leastForPong {
			remarks = append(remarks, Remark{Refused: true, Experiment: "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
				Text: fmt.Sprintf("the heartbeat pings every %v, and a %s of %v ends the connection: it is chance whether an answer comes first; "+
					"give times at least %v apart", h.Every, end.name, end.after, leastForPong)})
		}
	}
	if h.Silence/h.Every > MostPings {
		remarks = append(remarks, Remark{Refused: true, Experiment: "lab03_keepalive/TestUserTimeoutEndsWriteToStalledReader",
			Text: fmt.Sprintf("the heartbeat pings every %v, and ends the connection after a silence of %v: so many unread pings close the window "+
				"of a peer that hangs; give a silence of at most %d pings", h.Every, h.Silence, MostPings)})
	}
	return remarks
}

// userTimeoutBeside remarks on TCP_USER_TIMEOUT with keepalive on.
func userTimeoutBeside(set Settings) []Remark {
	k, u := set.Keepalive, set.UserTimeout
	if u == 0 {
		return nil
	}
	e := keepaliveGivesUp(k, u, Default())
	if e.After == k.Death() {
		return nil
	}
	const experiment = "lab03_keepalive/TestUserTimeoutOverridesProbeCount"
	if u <= k.Idle {
		return []Remark{{Experiment: experiment, Text: fmt.Sprintf("the user timeout of %v is not longer than the idle time of %v: "+
			"an idle connection gets one probe, whatever the count says, and times out after %v", u, k.Idle, e.After)}}
	}
	return []Remark{{Experiment: experiment, Text: fmt.Sprintf("the user timeout of %v takes the place of the probe count: "+
		"an idle connection times out after %v, not %v", u, e.After, k.Death())}}
}

// userTimeoutAlone remarks on TCP_USER_TIMEOUT with keepalive off.
func userTimeoutAlone(set Settings) []Remark {
	if set.UserTimeout == 0 || set.Heartbeat.On() {
		return nil
	}
	return []Remark{{Experiment: "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection",
		Text: "a user timeout alone sends nothing: on an idle connection it never acts"}}
}
