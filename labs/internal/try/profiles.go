package try

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// profile is the default settings of a program.
type profile struct {
	Name, What   string
	Settings     rule.Settings
	Server       bool // it accepts connections, and dials none
	HTTP2        bool // the peer's library answers a heartbeat's ping, even if its application hangs
	Pool         pool
	Source, Date string
}

// pool keeps unused connections, and closes them after a while, whether the peer is alive or not.
type pool struct {
	closes  time.Duration // 0 if there is no pool
	setting string
}

const (
	second = time.Second
	read   = "read in November 2026" // for documentation without a version
)

// Defaults of Linux and Go: include/net/tcp.h, net/dial.go, and net/http/transport.go, which sets the idle time.
var (
	systemKeepalive = rule.Keepalive{Idle: 7200 * second, Interval: 75 * second, Count: 9}
	goKeepalive     = rule.Keepalive{Idle: 15 * second, Interval: 15 * second, Count: 9}
	goHTTPKeepalive = rule.Keepalive{Idle: 30 * second, Interval: 15 * second, Count: 9}
	goPool          = pool{90 * second, "IdleConnTimeout"}
)

// profiles are all profiles. A ping of HTTP/2 is a heartbeat here, and the heartbeat's silence is the wait for the ping plus
// the wait for its answer.
var profiles = []profile{
	{Name: "linux", What: "a socket with SO_KEEPALIVE, and the system's settings", Settings: rule.Settings{Keepalive: systemKeepalive},
		Source: "tcp(7): tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes", Date: "man-pages 6.03, February 2023"},
	{Name: "go", What: "net.Dial and net.Listen", Settings: rule.Settings{Keepalive: goKeepalive},
		Source: "net/dial.go: defaultTCPKeepAliveIdle, defaultTCPKeepAliveInterval, defaultTCPKeepAliveCount", Date: "Go 1.26, February 2026"},
	{Name: "go-http", What: "http.DefaultTransport", Settings: rule.Settings{Keepalive: goHTTPKeepalive, DialTimeout: 30 * second},
		Pool: goPool, Source: "net/http/transport.go: DefaultTransport", Date: "Go 1.26, February 2026"},
	{Name: "python", What: "socket.create_connection, which sets nothing",
		Source: "Lib/socket.py: create_connection, getdefaulttimeout", Date: "Python 3.13, October 2024"},
	{Name: "grpc", What: "a gRPC-Go server: Go's keepalive, HTTP/2 pings, and the TCP_USER_TIMEOUT that comes with these", Server: true, HTTP2: true,
		Settings: rule.Settings{Keepalive: goKeepalive, UserTimeout: 20 * second,
			Heartbeat: rule.Heartbeat{Every: 2 * time.Hour, Silence: 2*time.Hour + 20*second}},
		Source: "grpc-go, internal/transport: defaults.go, NewServerTransport in http2_server.go", Date: read},
	{Name: "grpc-client", What: "a gRPC-Go client with no keepalive parameters: the system's keepalive", HTTP2: true,
		Settings: rule.Settings{Keepalive: systemKeepalive, DialTimeout: 20 * second}, Pool: pool{30 * time.Minute, "WithIdleTimeout"},
		Source: "grpc-go: NetDialerWithTCPKeepalive in internal/tcp_keepalive_unix.go, minConnectTimeout in clientconn.go, WithIdleTimeout in dialoptions.go", Date: read},
	{Name: "kubernetes", What: "client-go over HTTP/2, with its health check", HTTP2: true, Pool: goPool,
		Settings: rule.Settings{Keepalive: goHTTPKeepalive, DialTimeout: 30 * second,
			Heartbeat: rule.Heartbeat{Every: 30 * second, Silence: 45 * second}},
		Source: "k8s.io/apimachinery/pkg/util/net/http.go: readIdleTimeoutSeconds, pingTimeoutSeconds, SetOldTransportDefaults, and Go's DefaultTransport", Date: read},
	{Name: "postgres", What: "a PostgreSQL server: the system's keepalive, no user timeout", Server: true,
		Settings: rule.Settings{Keepalive: systemKeepalive},
		Source:   "postgresql.conf.sample: tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count, tcp_user_timeout", Date: read},
	{Name: "libpq", What: "a PostgreSQL client: the system's keepalive, no connect_timeout, no user timeout",
		Settings: rule.Settings{Keepalive: systemKeepalive},
		Source:   "src/interfaces/libpq/fe-connect.c: useKeepalives, connect_timeout, tcp_user_timeout", Date: read},
	{Name: "nginx", What: "nginx to its upstream: three timeouts, and no keepalive",
		Settings: rule.Settings{DialTimeout: 60 * second, WriteTimeout: 60 * second, AnswerTimeout: 60 * second},
		Pool:     pool{60 * second, "keepalive_timeout of the upstream"},
		Source: "ngx_http_proxy_module: proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout, proxy_socket_keepalive; " +
			"ngx_http_upstream_module: keepalive_timeout", Date: read},
	{Name: "haproxy", What: "HAProxy to its server, which has no timeouts of its own, with those of Red Hat's example",
		Settings: rule.Settings{DialTimeout: 10 * second, WriteTimeout: 60 * second, ReadTimeout: 60 * second},
		Source:   "docs.redhat.com: RHEL 7, Load Balancer Administration, section 5.3: timeout connect, timeout server", Date: read},
	{Name: "envoy", What: "Envoy to its upstream: connect_timeout, the route's timeout, idle_timeout",
		Settings: rule.Settings{DialTimeout: 5 * second, AnswerTimeout: 15 * second, ReadTimeout: time.Hour},
		Source:   "www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts", Date: read},
	{Name: "redis", What: "a Redis server: tcp-keepalive 300, timeout 0", Server: true,
		Settings: rule.Settings{Keepalive: rule.Keepalive{Idle: 300 * second, Interval: 100 * second, Count: 3}},
		Source:   "redis.conf: tcp-keepalive, and anetKeepAlive in anet.c: that time, a third of it, 3", Date: "since Redis 3.2.1, June 2016"},
	{Name: "mysql", What: "a MySQL server between two commands: the system's keepalive, wait_timeout, net_write_timeout", Server: true,
		Settings: rule.Settings{Keepalive: systemKeepalive, WriteTimeout: 60 * second, ReadTimeout: 8 * time.Hour},
		Source:   "dev.mysql.com/doc/refman/8.0/en/server-system-variables.html; vio_keepalive in the server's source", Date: read},
}

// what describes the program, with the limit of its pool.
func (p profile) what() string {
	if p.Pool.closes == 0 {
		return p.What
	}
	return fmt.Sprintf("%s; %s closes a connection that is not used for %s", p.What, p.Pool.setting, story.Exactly(p.Pool.closes))
}

// notes are remarks on results, about what the program has and the experiment does not.
func (p profile) notes(results []rule.Result) (notes []string) {
	for _, of := range []struct {
		has   bool
		of    func(rule.Failure) bool
		about string
	}{
		{p.Pool.closes > 0, func(f rule.Failure) bool { return f.Call == rule.Idle }, fmt.Sprintf("%s closes a connection that is not used for %s: a dead peer holds it no longer, "+
			"unless a request waits.", p.Pool.setting, story.Exactly(p.Pool.closes))},
		{p.HTTP2, func(f rule.Failure) bool { return f.Call == rule.Send && f.Mute }, "The peer's HTTP/2 library reads, and answers pings, also while its application does not: " +
			"such a peer is not dropped for what it leaves unread, whatever a row says."},
	} {
		isTried := func(r rule.Result) bool {
			f, _ := rule.FailureNamed(r.Failure)
			return of.of(f)
		}
		if of.has && slices.ContainsFunc(results, isTried) {
			notes = append(notes, of.about)
		}
	}
	return notes
}

// profileNamed finds a profile.
func profileNamed(name string) (profile, error) {
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
	}
	return profile{}, fmt.Errorf("there is no profile %q; there are %s", name, strings.Join(profileNames(), ", "))
}

func profileNames() (names []string) {
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	return names
}

// ProfilesMarkdown is the table in labs/docs/try.md.
func ProfilesMarkdown() string {
	var b strings.Builder
	b.WriteString("| `--like` | what | settings | source |\n|---|---|---|---|\n")
	for _, p := range profiles {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s (%s) |\n", p.Name, p.what(), p.Settings, p.Source, p.Date)
	}
	return b.String()
}
