package advise

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
)

// A snippet writes every setting, or the text beside it says which ones are missing.
func TestEachSettingIsWrittenOrSaidToBeMissing(t *testing.T) {
	changes := map[string]func(*rule.Settings){
		"keepalive":      func(set *rule.Settings) { set.Keepalive.Idle *= 2 },
		"user-timeout":   func(set *rule.Settings) { set.UserTimeout *= 2 },
		"dial-timeout":   func(set *rule.Settings) { set.DialTimeout *= 2 },
		"write-timeout":  func(set *rule.Settings) { set.WriteTimeout *= 2 },
		"answer-timeout": func(set *rule.Settings) { set.AnswerTimeout *= 2 },
		"heartbeat":      func(set *rule.Settings) { set.Heartbeat.Every *= 5; set.Heartbeat.Silence *= 5 },
	}
	for _, p := range places {
		// With the Go client's dial, if the snippet calls it.
		text := func(set rule.Settings) string {
			text := written(t, p.file, set)
			if strings.Contains(text, "dial(ctx, address)") {
				dial, _, _ := strings.Cut(written(t, "client.go.tmpl", set), "\n}\n")
				text += dial
			}
			return text
		}
		for name, change := range changes {
			other := full
			change(&other)
			if p.written(other) == p.written(full) {
				assert.Contains(t, differences(full, p.written(full)), "--"+name, p.where)
			} else {
				assert.NotEqual(t, text(full), text(other), "%s: the snippet does not depend on --%s", p.where, name)
			}
		}
		nothing, err := p.text(rule.Settings{})
		require.NoError(t, err)
		if nothing != "" {
			assert.NotEmpty(t, differences(rule.Settings{}, p.written(rule.Settings{})), "%s: it has settings of its own", p.where)
		}
	}
}

// snippetAt is the snippet for a place.
func snippetAt(t *testing.T, g goal, where string) snippet {
	t.Helper()
	var good []candidate
	for _, c := range g.candidates() {
		if c.why == "" {
			good = append(good, c)
		}
	}
	for _, p := range places {
		if p.where == where {
			written, err := g.snippetOf(p, good)
			require.NoError(t, err)
			return written
		}
	}
	require.Fail(t, "there is no such place", where)
	return snippet{}
}

func TestSnippetSaysWhereItMissesTheGoal(t *testing.T) {
	both := goal{within: 10 * time.Second, idle: true, inFlight: true}
	proxy := goal{within: 10 * time.Second, idle: true, inFlight: true, proxy: true}
	const first, timeouts, heartbeat = "keepalive and a user timeout", "keepalive, and timeouts on active calls", "a heartbeat"
	const most = "a heartbeat, and timeouts on active calls" // meets most of the goal where a heartbeat can't be written
	const unnoticed = "host vanishes, idle: it notices nothing"
	for _, of := range []struct {
		goal             goal
		where            string
		of, differs, why string
	}{
		{both, "Python", first, "", ""},
		{both, "gRPC-Go, a client", first, "", ""},
		{both, "Java", timeouts, "no --write-timeout", "host vanishes, sending: found only after 15 min 24.8 s (tcp_retries2)"},
		{both, "nginx, to its upstream", timeouts, "", ""},
		{both, "Node.js", timeouts, "--keepalive 6s,1s,10", "host vanishes, idle: found only after 16 s (keepalive)"},
		{both, "sysctl, for programs that turn keepalive on and set nothing", first, "no --user-timeout",
			"host vanishes, request pending: found only after 15 min 25 s (tcp_retries2)"},
		{both, "Kubernetes, client-go", heartbeat, "--keepalive 30s,15s,9, --dial-timeout 30s, --heartbeat 3s,9s", ""},
		{goal{within: 30 * time.Second, idle: true}, "Node.js", "keepalive", "--keepalive 12s,1s,10", ""},
		{goal{within: 10 * time.Second, idle: true, keepSlowReaders: true}, "nginx, to its upstream", "keepalive",
			"--dial-timeout 1m, --write-timeout 1m, --answer-timeout 1m", "peer stops reading: it drops a peer that reads slowly (write timeout, after 1 min)"},
		{proxy, "Go, a client", heartbeat, "", ""},
		{proxy, "Python", most, "no --heartbeat", unnoticed},
		{proxy, "C", most, "no --heartbeat", unnoticed},
		{proxy, "Java", most, "no --write-timeout, no --heartbeat", unnoticed},
		{proxy, "Node.js", most, "no --heartbeat", unnoticed},
		{proxy, "Rust, with the crate socket2", most, "no --heartbeat", unnoticed},
		{proxy, "gRPC-Go, a client", heartbeat, "--user-timeout 1s, --heartbeat 10s,11s", "host vanishes, idle: found only after 11 s (heartbeat)"},
		{goal{within: 30 * time.Second, idle: true, proxy: true}, "gRPC-Go, a client", heartbeat, "--user-timeout 19.5s, --heartbeat 10s,29.5s", ""},
		{goal{within: 3100 * time.Millisecond, idle: true, proxy: true}, "Kubernetes, client-go", heartbeat,
			"--keepalive 30s,15s,9, --dial-timeout 30s, --heartbeat 1s,2s", ""},
	} {
		got := snippetAt(t, of.goal, of.where)
		assert.Equal(t, of.of, got.of.name, "%s: %s", of.where, of.goal)
		assert.Equal(t, of.differs, got.differs, "%s: %s", of.where, of.goal)
		assert.Equal(t, of.why, got.why, "%s: %s", of.where, of.goal)
	}
	proxy.inFlight = false
	assert.Empty(t, snippetAt(t, proxy, "C").text, "no heartbeat, and nothing else")
	assert.Contains(t, snippetAt(t, proxy, "Go, a client").text, "func beat(")
}

// Snippets that call the Go client's dial have the same settings as it.
func TestGoSnippetsGoTogether(t *testing.T) {
	for _, within := range []time.Duration{3 * time.Second, 10 * time.Second, 10 * time.Minute} {
		for _, g := range []goal{{idle: true}, {inFlight: true}, {idle: true, keepSlowReaders: true}, {idle: true, proxy: true}, {idle: true, middlebox: time.Second}} {
			g.within = within
			client := snippetAt(t, g, "Go, a client")
			assert.Empty(t, client.why)
			for _, where := range []string{"Go, an http.Client", "gRPC-Go, a client"} {
				assert.Equal(t, client.of.settings, snippetAt(t, g, where).of.settings, "%s: %s", where, g)
			}
		}
	}
}

func TestSnippetSaysWhatOurTestsDoWithIt(t *testing.T) {
	for _, p := range places {
		set := rule.Settings{DialTimeout: full.DialTimeout, Heartbeat: full.Heartbeat}
		if written := p.written(set); !written.Keepalive.On() && written.UserTimeout == 0 {
			assert.NotEqual(t, readBackFromSocket, p.testedWith(set), "%s: no option is set", p.where)
		}
		assert.Equal(t, p.tested, p.testedWith(full), p.where)
	}
}

// heartbeatHead makes a program of the snippets of a heartbeat. The server answers five pings, and then is silent.
const heartbeatHead = `package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	conn, err := dial(context.Background(), listener.Addr().String())
	if err != nil {
		panic(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	buffer := make([]byte, 1)
	go beat(conn, []byte("?"))
	go func() {
		for range 5 {
			accepted.Read(buffer)
			accepted.Write(buffer)
		}
	}()
	for heard := 0; ; heard++ {
		if _, err := hear(conn, make([]byte, 1)); err != nil {
			fmt.Println(heard, errors.Is(err, os.ErrDeadlineExceeded))
			return
		}
	}
}

`

// The heartbeat of the Go snippet hears a peer that answers, and ends the connection when the peer falls silent.
func TestGoSnippetBeats(t *testing.T) {
	goTool := tool(t, "go")
	set := rule.Settings{Heartbeat: rule.Heartbeat{Every: 20 * time.Millisecond, Silence: 2 * time.Second}}
	assert.Equal(t, "5 true\n", run(t, ".", built(t, goTool, heartbeatHead+written(t, "client.go.tmpl", set))))
}
