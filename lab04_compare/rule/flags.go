package rule

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// mostTime is longer than anybody waits, and short enough that sums of several such times do not overflow.
const mostTime = 10000 * time.Hour

// readTime reads a positive duration. For any other text, the error says to give what is wanted.
func readTime(text, wanted string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d > mostTime {
		return 0, fmt.Errorf("give a time of at most %s", Short(mostTime))
	}
	if err != nil || d <= 0 {
		return 0, errors.New("give " + wanted)
	}
	return d, nil
}

// off is the value of a flag for a setting that is not set.
const off = "off"

// values returns the settings as flags: each with its name, its usage and its value.
func (s *Settings) values() []struct {
	name, usage string
	value       flag.Value
} {
	return []struct {
		name, usage string
		value       flag.Value
	}{
		{"keepalive", "TCP keepalive: `IDLE,INTERVAL,COUNT`", (*keepaliveFlag)(&s.Keepalive)},
		{"user-timeout", "TCP_USER_TIMEOUT: `TIME`", (*timeFlag)(&s.UserTimeout)},
		{"dial-timeout", "a connect times out after `TIME`", (*timeFlag)(&s.DialTimeout)},
		{"write-timeout", "a write times out after `TIME`", (*timeFlag)(&s.WriteTimeout)},
		{"read-timeout", "any read times out after `TIME`", (*timeFlag)(&s.ReadTimeout)},
		{"answer-timeout", "an answer times out after `TIME`", (*timeFlag)(&s.AnswerTimeout)},
		{"heartbeat", "ping the application: `EVERY[,SILENCE]`", (*heartbeatFlag)(&s.Heartbeat)},
	}
}

// Define defines a flag for each setting.
func (s *Settings) Define(flags *flag.FlagSet) {
	for _, f := range s.values() {
		flags.Var(f.value, f.name, f.usage)
	}
}

// Args returns flags for all settings, also for those that are off.
func (s Settings) Args() (args []string) {
	for _, f := range s.values() {
		args = append(args, "-"+f.name+"="+f.value.String())
	}
	return args
}

// String returns the settings that are set, as they are given on a command line.
func (s Settings) String() string {
	var set []string
	for _, f := range s.values() {
		if value := f.value.String(); value != off {
			set = append(set, "--"+f.name+" "+value)
		}
	}
	if set == nil {
		return "nothing is set"
	}
	return strings.Join(set, " ")
}

type timeFlag time.Duration

func (t *timeFlag) String() string {
	if *t == 0 {
		return off
	}
	return Short(time.Duration(*t))
}

func (t *timeFlag) Set(text string) error {
	if text == off {
		*t = 0
		return nil
	}
	d, err := readTime(text, "a time such as 20s or 500ms")
	*t = timeFlag(d)
	return err
}

type keepaliveFlag Keepalive

func (k *keepaliveFlag) String() string {
	if !Keepalive(*k).On() {
		return off
	}
	return fmt.Sprintf("%s,%s,%d", Short(k.Idle), Short(k.Interval), k.Count)
}

func (k *keepaliveFlag) Set(text string) error {
	if text == off {
		*k = keepaliveFlag{}
		return nil
	}
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return errors.New("give IDLE,INTERVAL,COUNT, such as 30s,10s,3")
	}
	idle, err1 := kernelTime(parts[0])
	interval, err2 := kernelTime(parts[1])
	count, err3 := strconv.Atoi(parts[2])
	if errors.Join(err1, err2, err3) != nil {
		return errors.New("give two times and a number, such as 30s,10s,3")
	}
	*k = keepaliveFlag{idle, interval, count}
	if !Keepalive(*k).On() {
		return fmt.Errorf("to turn keepalive off, say %s", off)
	}
	return nil
}

// kernelTime reads a duration for one of the kernel's options. A number without a unit is in seconds, as in these options.
func kernelTime(text string) (time.Duration, error) {
	if _, err := strconv.Atoi(text); err == nil {
		text += "s"
	}
	return time.ParseDuration(text)
}

type heartbeatFlag Heartbeat

func (h *heartbeatFlag) String() string {
	if !Heartbeat(*h).On() {
		return off
	}
	return Short(h.Every) + "," + Short(h.Silence)
}

func (h *heartbeatFlag) Set(text string) error {
	if text == off {
		*h = heartbeatFlag{}
		return nil
	}
	const wanted = "EVERY or EVERY,SILENCE: the time between pings, and the silence after which the peer counts as dead, such as 5s,15s"
	every, silence, given := strings.Cut(text, ",")
	e, err := readTime(every, wanted)
	if err != nil {
		return err
	}
	if !given {
		silence = (3 * e).String()
	}
	s, err := readTime(silence, wanted)
	*h = heartbeatFlag{e, s}
	return err
}

// Short writes a duration as people do: 2h0m0s, 15m0s and 1.5s become 2h, 15m and 1.5s.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
