package rule

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Call is the call in which our side waits.
type Call int

// The calls.
const (
	Idle    Call = iota // a read that waits for whatever may come
	Answer              // a read, after a request that was just sent
	Send                // a write of more than the buffers hold
	Connect             // a connect
)

// Host is what the other side's host does with our segments.
type Host int

// What hosts do.
const (
	Acknowledges Host = iota // its kernel answers
	Vanished                 // it receives nothing, and sends nothing
	Rebooted                 // it does not know the connection, and answers with a reset
	Ended                    // its kernel has closed the connection, or reset it
)

// Failure is what happens to the other side.
type Failure struct {
	Name string
	Call Call
	Host Host

	Mute    bool // the application answers neither a request nor a ping
	Healthy bool // our call should survive

	Pause       time.Duration // how long until the peer reads again; 0 if it never does
	IdleTimeout time.Duration // after this silence, a middlebox forgets the connection; 0 if there is no middlebox
	Outage      bool          // the host is back after the first retransmission was lost
	Proxy       bool          // our side's connection ends at a proxy; the host behind it has vanished
}

// IsDead reports whether the other side's host, or its end of the connection, is gone.
func (f Failure) IsDead() bool { return !f.Healthy && (f.Host == Vanished || f.Host == Rebooted) }

// Failures are the failures that the rule knows. Lab 4's decision table has a row for each of them; the rows, with the
// expected outcomes, are in 03_decision_table_linux_test.go.
var Failures = []Failure{
	{Name: "healthy peer, idle", Call: Idle, Healthy: true},
	{Name: "slow answer", Call: Answer},
	{Name: "application hangs, request pending", Call: Answer, Mute: true},
	{Name: "application hangs, idle", Call: Idle, Mute: true},
	{Name: "process is killed", Call: Idle, Host: Ended},
	{Name: "host vanishes, idle", Call: Idle, Host: Vanished},
	{Name: "host vanishes, request pending", Call: Answer, Host: Vanished},
	{Name: "host vanishes, sending", Call: Send, Host: Vanished},
	{Name: "host reboots, idle", Call: Idle, Host: Rebooted},
	{Name: "peer stops reading", Call: Send, Mute: true},
	{Name: "peer pauses reading", Call: Send, Mute: true, Healthy: true, Pause: 4 * time.Second},
	{Name: "middlebox forgets, idle", Call: Idle, IdleTimeout: 2500 * time.Millisecond},
	{Name: "dead host behind proxy, idle", Call: Idle, Mute: true, Proxy: true},
	{Name: "dead host behind proxy, request pending", Call: Answer, Mute: true, Proxy: true},
	{Name: "short outage, request pending", Call: Answer, Host: Vanished, Healthy: true, Outage: true},
	{Name: "nobody answers connect", Call: Connect, Host: Vanished},
}

// WithMiddlebox returns the failure with another idle timeout of its middlebox, if it has one; 0 changes nothing.
func (f Failure) WithMiddlebox(idleTimeout time.Duration) Failure {
	if f.IdleTimeout > 0 && idleTimeout > 0 {
		f.IdleTimeout = idleTimeout
	}
	return f
}

// FailureNamed finds a failure by its name.
func FailureNamed(name string) (Failure, bool) {
	for _, f := range Failures {
		if f.Name == name {
			return f, true
		}
	}
	return Failure{}, false
}

// FailuresLike returns the failure with exactly this name or, if there is none, all failures whose names contain every
// word of name. An empty name finds all failures.
func FailuresLike(name string) ([]Failure, error) {
	if f, known := FailureNamed(name); known {
		return []Failure{f}, nil
	}
	var found []Failure
	var names []string
	for _, f := range Failures {
		names = append(names, f.Name)
		if name == "" || hasWords(f.Name, name) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no failure %q; there are: %s", name, strings.Join(names, "; "))
	}
	return found, nil
}

func hasWords(text, words string) (all bool) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(words), isNoLetter) {
		if all = strings.Contains(text, word); !all {
			return false
		}
	}
	return all
}

func isNoLetter(r rune) bool { return !unicode.IsLetter(r) }
