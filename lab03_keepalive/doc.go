// Package lab03_keepalive asks: how does TCP find out that a silent peer is gone, and what does it not see?
//
// The experiments are tests. Read them in this order:
//
//	01_without_linux_test.go              what happens without keepalive
//	02_half_open_linux_test.go            what clients that vanished cost a server
//	03_server_defaults_linux_test.go      what a vanished client costs an HTTP server with default settings
//	04_death_linux_test.go                how a connection dies: when, with which error, and which call returns it
//	04_look_linux_test.go                 what a connection pool finds if it checks an idle connection before reuse
//	05_alive_linux_test.go                what probes do to a live peer, and when none are sent
//	06_wire_linux_test.go                 the segments: probes, and what is sent instead of them
//	07_outage_linux_test.go               a peer that comes back in time
//	08_blind_spots_linux_test.go          what keepalive does not see
//	08_middleboxes_linux_test.go          a firewall or a NAT router forgets idle connections
//	08_proxies_linux_test.go              keepalive sees no further than a proxy
//	09_close_wait_linux_test.go           CLOSE_WAIT: the peer has closed the connection, and our program has not
//	09_processes_linux_test.go            a process that hangs (SIGSTOP), and one that is killed
//	10_user_timeout_bounds_linux_test.go  when TCP_USER_TIMEOUT begins to count, which values it accepts, and what it does not limit
//	10_user_timeout_linux_test.go         TCP_USER_TIMEOUT: how it changes keepalive, and what it finds that keepalive does not
//	11_running_timer_linux_test.go        what a running keepalive timer does when tcp_keepalive_time is raised
//	11_system_settings_linux_test.go      the three system-wide settings, and which connections a change affects
//	12_multipath_linux_test.go            options that Multipath TCP refuses
//	12_socket_settings_linux_test.go      settings of one socket: the chapter's sample, limits, inheritance
//	13_go_settings_test.go                which keepalive settings Go sets
//	14_python_linux_test.go               Python sets no keepalive settings
//	15_lateness_linux_test.go             a benchmark: how late a connection times out
//	16_half_open_cost_linux_test.go       a benchmark: what tens of thousands of vanished clients cost
//	40_options_darwin_test.go             macOS: keepalive's options, and an option that limits how long data may stay unacknowledged
//	41_options_windows_test.go            Windows: keepalive's options, and one call that sets idle time and interval
//	42_options_freebsd_test.go            FreeBSD: keepalive's options, and which settings a new connection has
//
// The other files are not experiments:
//
//	16_half_open_program_linux_test.go    the server whose cost the benchmark measures
//	common_linux_test.go                  keepalive settings with short times, and the error number inside an error
//	common_test.go                        Go's default settings, and how the experiments connect with them
//	elsewhere_test.go                     generated: what is skipped on systems other than Linux
//	main_test.go                          runs the tests on a private loopback
//	exercise/                             the exercises, and their graders
//
// Run the lab with
//
//	go test ./lab03_keepalive
//
// watch one experiment with
//
//	go test -v -run TestOutageShorterThanProbesIsSurvived ./lab03_keepalive
//
// and let fifty thousand clients vanish with
//
//	go test -run=^$ -bench=HalfOpen ./lab03_keepalive -args -halfopen 50000
//
// The last command needs many file descriptors and much memory.
//
// You will see:
//
//   - A connection whose peer's host has vanished times out after idle + count × interval, counted from the last segment received.
//     This holds with keepalive on, without TCP_USER_TIMEOUT, and if our side sends no data. There is one exception: if the interval is
//     longer than the idle time, and the peer has answered a probe, the next probe follows an interval after the answer. So the
//     connection times out later, too.
//   - The kernels, not the programs, send probes and answer them. So a process that hangs looks alive.
//   - Keepalive sends no probe while data is in flight, or while data waits for the peer's window to open.
//   - A middlebox forgets an idle connection, unless keepalive sends a probe before the middlebox's idle timeout.
//   - A proxy answers probes itself, even if the server behind it has vanished.
//   - Go turns keepalive on by default, with its own settings.
//
// The lab does not show real networks, where segments are delayed and reordered: everything is on the loopback. Vanished
// hosts and middleboxes are simulated. A vanished host receives nothing. When a middlebox has forgotten a connection, the
// ends of the connection receive nothing but the middlebox's own resets. The lab does not show an application's own
// heartbeat, either: Lab 4 does.
package lab03_keepalive
