package advise

import (
	"cmp"
	"time"

	"socketlabs/lab04_compare/rule"
)

// place is where somebody writes the settings: a language, a library or a server's configuration.
type place struct {
	where, file string
	tested      string // what our tests do with the snippet
	bare        string // what they do if the snippet sets no socket option; empty if that is the same

	// written returns the settings that result: what can't be written there is not set, or has the place's own default.
	written func(rule.Settings) rule.Settings
}

// What our tests do with the snippets of several places.
const (
	readBackFromSocket = "run by our tests: the socket has these options"
	compiled           = "compiled by our tests"
)

var places = []place{
	{"Go, a client", "client.go.tmpl", readBackFromSocket, compiled, func(set rule.Settings) rule.Settings { return set }},
	{"Go, a server", "server.go.tmpl", readBackFromSocket, compiled, options},
	{"Go, an http.Client", "http.go.tmpl", compiled, "", inHTTPClient},
	{"Python", "python.py.tmpl", readBackFromSocket, "run by our tests: it connects", withoutHeartbeat},
	{"C", "c.c.tmpl", readBackFromSocket, compiled, inC},
	{"Java", "Java.java.tmpl", compiled, "", inJava},
	{"Node.js", "node.js.tmpl", readBackFromSocket, "run by our tests: it connects", inNode},
	{"Rust, with the crate socket2", "rust.rs.tmpl", readBackFromSocket, compiled, withoutHeartbeat},
	{"sysctl, for programs that turn keepalive on and set nothing", "sysctl.conf.tmpl", "run by our tests: the kernel has these settings", "", keepaliveAlone},
	{"nginx, to its upstream", "nginx.conf.tmpl", "read by nginx -t in our tests", "", inNginx},
	{"PostgreSQL, the server", "postgresql.conf.tmpl", "read by postgres -C in our tests", "", options},
	{"PostgreSQL, libpq", "libpq.txt.tmpl", "run by our tests: psql connects with it", "", inLibpq},
	{"Kubernetes, client-go", "client-go.txt.tmpl", "not run: our tests ask no cluster", "", inClientGo},
	{"Kubernetes, a pod, for programs that turn keepalive on and set nothing", "pod.yaml.tmpl", "not run: our tests read it, and ask no cluster", "", keepaliveAlone},
	{"gRPC-Go, a client", "grpc.txt.tmpl", readBackFromSocket, compiled, inGRPC},
}

// testedWith says what our tests do with a snippet that has these settings.
func (p place) testedWith(set rule.Settings) string {
	if set.Keepalive.On() || set.UserTimeout > 0 {
		return p.tested
	}
	return cmp.Or(p.bare, p.tested)
}

// options keeps the settings that are socket options.
func options(set rule.Settings) rule.Settings {
	return rule.Settings{Keepalive: set.Keepalive, UserTimeout: set.UserTimeout}
}

func keepaliveAlone(set rule.Settings) rule.Settings {
	return rule.Settings{Keepalive: set.Keepalive}
}

// withoutHeartbeat is for languages other than Go: pings are part of the application's protocol, and the snippet in Go
// shows how to send one.
func withoutHeartbeat(set rule.Settings) rule.Settings {
	set.Heartbeat = rule.Heartbeat{}
	return set
}

// inHTTPClient bounds the whole exchange, or only the answer. Its pings are those of HTTP/2.
func inHTTPClient(set rule.Settings) rule.Settings {
	if set.WriteTimeout > 0 {
		set.WriteTimeout = set.AnswerTimeout
	}
	return set
}

// inC has SO_SNDTIMEO, which bounds connect, too: socket(7).
func inC(set rule.Settings) rule.Settings {
	set = withoutHeartbeat(set)
	set.DialTimeout = set.WriteTimeout
	return set
}

// inJava has no timeout for a write, and no TCP_USER_TIMEOUT.
func inJava(set rule.Settings) rule.Settings {
	return rule.Settings{Keepalive: set.Keepalive, DialTimeout: set.DialTimeout, AnswerTimeout: set.AnswerTimeout}
}

// inNode has libuv's fixed interval and probe count: uv__tcp_keepalive() in src/unix/tcp.c. So it shortens the idle time
// if it can. A socket has one timeout for reads and writes.
func inNode(set rule.Settings) rule.Settings {
	set = inJava(set)
	set.WriteTimeout = set.AnswerTimeout
	if k := &set.Keepalive; k.On() {
		libuv := rule.Keepalive{Idle: k.Idle, Interval: time.Second, Count: 10}
		if spare := k.Death() - (libuv.Death() - libuv.Idle); spare >= time.Second {
			libuv.Idle = min(k.Idle, spare)
		}
		*k = libuv
	}
	return set
}

// inNginx has nginx's default timeouts where the settings have none: ngx_http_proxy_module.
func inNginx(set rule.Settings) rule.Settings {
	const byDefault = time.Minute
	return rule.Settings{Keepalive: set.Keepalive, DialTimeout: cmp.Or(set.DialTimeout, byDefault),
		WriteTimeout: cmp.Or(set.WriteTimeout, byDefault), AnswerTimeout: cmp.Or(set.AnswerTimeout, byDefault)}
}

// inLibpq counts whole seconds; before PostgreSQL 17, it takes a timeout of 1 s as 2 s.
func inLibpq(set rule.Settings) rule.Settings {
	in := options(set)
	if set.DialTimeout > 0 {
		in.DialTimeout = max(2*time.Second, set.DialTimeout.Truncate(time.Second))
	}
	return in
}

// inClientGo has whole seconds for its pings, and the rest as Go's http.DefaultTransport has it: 30 s to connect, and
// keepalive after 30 s, every 15 s, 9 probes.
func inClientGo(set rule.Settings) rule.Settings {
	in := rule.Settings{Keepalive: rule.Keepalive{Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 9}, DialTimeout: 30 * time.Second,
		Heartbeat: rule.Heartbeat{Every: 30 * time.Second, Silence: 45 * time.Second}}
	if h := set.Heartbeat; h.On() {
		every := max(time.Second, h.Every.Truncate(time.Second))
		in.Heartbeat = rule.Heartbeat{Every: every, Silence: every + max(time.Second, (h.Silence-every).Truncate(time.Second))}
	}
	return in
}

// inGRPC pings at most every 10 s: keepalive.ClientParameters. Its time for the answer is also the user timeout.
func inGRPC(set rule.Settings) rule.Settings {
	in := options(set)
	in.DialTimeout = set.DialTimeout
	if h := set.Heartbeat; h.On() {
		every := max(10*time.Second, h.Every)
		in.UserTimeout = cmp.Or(set.UserTimeout, max(time.Second, h.Silence-every))
		in.Heartbeat = rule.Heartbeat{Every: every, Silence: every + in.UserTimeout}
	}
	return in
}
