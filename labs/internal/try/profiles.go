package try

import (
	"fmt"
	"strings"
	"time"

	"socketlabs/lab04_compare/rule"
)

// profile is what a program has set if nobody says otherwise.
type profile struct {
	Name, What   string
	Settings     rule.Settings
	Server       bool // it accepts connections, and dials none
	Source, Date string
}

const (
	second = time.Second
	read   = "read in November 2026" // of documentation that has no version of its own
)

// What Linux and Go have by default: include/net/tcp.h, and net/dial.go.
var (
	systemKeepalive = rule.Keepalive{Idle: 7200 * second, Interval: 75 * second, Count: 9}
	goKeepalive     = rule.Keepalive{Idle: 15 * second, Interval: 15 * second, Count: 9}
)

// profiles are those that there are.
var profiles = []profile{
	{Name: "linux", What: "a socket with SO_KEEPALIVE, and the system's settings", Settings: rule.Settings{Keepalive: systemKeepalive},
		Source: "tcp(7): tcp_keepalive_time, _intvl, _probes", Date: "man-pages 6.03, February 2023"},
	{Name: "go", What: "net.Dial and net.Listen", Settings: rule.Settings{Keepalive: goKeepalive},
		Source: "net/dial.go: defaultTCPKeepAliveIdle, Interval, Count", Date: "Go 1.26, February 2026"},
	{Name: "go-http", What: "http.DefaultTransport", Settings: rule.Settings{
		Keepalive: rule.Keepalive{Idle: 30 * second, Interval: 15 * second, Count: 9}, DialTimeout: 30 * second},
		Source: "net/http/transport.go: DefaultTransport", Date: "Go 1.26, February 2026"},
	{Name: "python", What: "socket.create_connection: nothing is set",
		Source: "docs.python.org/3/library/socket.html", Date: "Python 3.11, October 2022"},
	{Name: "grpc", What: "a gRPC-Go server: Go's keepalive, and a TCP_USER_TIMEOUT of 20 s that comes with its pings", Server: true,
		Settings: rule.Settings{Keepalive: goKeepalive, UserTimeout: 20 * second,
			Heartbeat: rule.Heartbeat{Every: 2 * time.Hour, Silence: 2*time.Hour + 20*second}},
		Source: "grpc-go: internal/transport/http2_server.go, defaults.go", Date: read},
	{Name: "grpc-client", What: "a gRPC-Go client with no keepalive parameters: the system's keepalive",
		Settings: rule.Settings{Keepalive: systemKeepalive, DialTimeout: 20 * second},
		Source:   "grpc-go: internal/tcp_keepalive_unix.go, dialoptions.go (minConnectTimeout)", Date: read},
	{Name: "kubernetes", What: "client-go over HTTP/2, with its health check",
		Settings: rule.Settings{Keepalive: rule.Keepalive{Idle: 30 * second, Interval: 15 * second, Count: 9}, DialTimeout: 30 * second,
			Heartbeat: rule.Heartbeat{Every: 30 * second, Silence: 45 * second}},
		Source: "k8s.io/apimachinery/pkg/util/net/http.go: HTTP2_READ_IDLE_TIMEOUT_SECONDS, HTTP2_PING_TIMEOUT_SECONDS", Date: read},
	{Name: "postgres", What: "a PostgreSQL server: the system's keepalive, no user timeout", Server: true,
		Settings: rule.Settings{Keepalive: systemKeepalive},
		Source:   "postgresql.conf.sample: tcp_keepalives_idle, tcp_user_timeout", Date: "PostgreSQL 15, October 2022"},
	{Name: "libpq", What: "a PostgreSQL client: the system's keepalive, connect_timeout 0", Settings: rule.Settings{Keepalive: systemKeepalive},
		Source: "www.postgresql.org/docs/current/libpq-connect.html", Date: read},
	{Name: "nginx", What: "nginx to its upstream: proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout; proxy_socket_keepalive is off",
		Settings: rule.Settings{DialTimeout: 60 * second, WriteTimeout: 60 * second, AnswerTimeout: 60 * second},
		Source:   "nginx.org/en/docs/http/ngx_http_proxy_module.html", Date: read},
	{Name: "haproxy", What: "HAProxy to its server, with the timeouts of the usual examples",
		Settings: rule.Settings{DialTimeout: 10 * second, WriteTimeout: 60 * second, ReadTimeout: 60 * second},
		Source:   "docs.redhat.com, Load Balancer Administration, 5.3: timeout connect 10s, timeout server 1m", Date: read},
	{Name: "envoy", What: "Envoy to its upstream: connect_timeout 5 s, route timeout 15 s, idle_timeout 1 h",
		Settings: rule.Settings{DialTimeout: 5 * second, AnswerTimeout: 15 * second, ReadTimeout: time.Hour},
		Source:   "www.envoyproxy.io/docs/envoy/v1.39.0/faq/configuration/timeouts", Date: "Envoy 1.39, 2026"},
	{Name: "redis", What: "a Redis server: tcp-keepalive 300, timeout 0", Server: true,
		Settings: rule.Settings{Keepalive: rule.Keepalive{Idle: 300 * second, Interval: 100 * second, Count: 3}},
		Source:   "redis.conf, and anetKeepAlive in anet.c: idle, a third of it, 3", Date: "since Redis 3.2.1, June 2016"},
	{Name: "mysql", What: "a MySQL server: the system's keepalive, net_read_timeout, net_write_timeout, wait_timeout", Server: true,
		Settings: rule.Settings{Keepalive: systemKeepalive, AnswerTimeout: 30 * second, WriteTimeout: 60 * second, ReadTimeout: 28800 * second},
		Source:   "dev.mysql.com/doc/refman, server system variables; vio_keepalive in the server's source", Date: read},
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

// profileNames are the names of all.
func profileNames() (names []string) {
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	return names
}
