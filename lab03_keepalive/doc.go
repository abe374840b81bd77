// Package lab03_keepalive asks: how does TCP find out that a silent peer is gone, and what does it not see?
//
// The experiments are tests. Read them in this order:
//
//	01_without_linux_test.go             what happens without keepalive
//	02_half_open_linux_test.go           what clients that vanished cost a server
//	03_server_defaults_linux_test.go     the same for an HTTP server with default settings
//	04_death_linux_test.go               how a connection dies: when, with which error, and who is told
//	05_alive_linux_test.go               what probes do to a live peer, and when none are sent
//	06_wire_linux_test.go                what is sent: probes, and what is sent instead of them
//	07_outage_linux_test.go              a peer that comes back in time
//	08_blind_spots_linux_test.go         what keepalive does not see
//	08_boxes_linux_test.go               a firewall or NAT router in the way, which forgets silent connections
//	08_proxies_linux_test.go             a proxy in the way, which ends what keepalive sees
//	09_close_wait_linux_test.go          a connection that its peer has closed, and its program has not
//	09_processes_linux_test.go           a process that hangs (SIGSTOP), and one that is killed
//	10_user_timeout_bounds_linux_test.go what TCP_USER_TIMEOUT counts from, its limits, and what it does not bound
//	10_user_timeout_linux_test.go        TCP_USER_TIMEOUT: beside keepalive, and where keepalive is blind
//	11_system_settings_linux_test.go     the three system-wide settings, and what a change of them does
//	12_multipath_linux_test.go           options that Multipath TCP refuses
//	12_socket_settings_linux_test.go     settings of one socket: the chapter's sample, limits, inheritance
//	13_go_settings_test.go               which of them Go sets
//	14_python_linux_test.go              which of them Python sets: none
//	15_lateness_linux_test.go            a benchmark: how late a connection dies
//	16_half_open_cost_linux_test.go      a benchmark: what tens of thousands of vanished clients cost
//	16_half_open_program_linux_test.go   the server that it measures
//	40_options_darwin_test.go            macOS: keepalive's options, and when to drop what is not acknowledged
//	41_options_windows_test.go           Windows: the same, and idle and interval in one call
//	common_test.go                       Go's default settings, and how the experiments connect with them
//	common_linux_test.go                 other settings, and the error number inside an error
//	main_test.go                         runs the tests on a private loopback
//	elsewhere_test.go                    generated: what is skipped on systems other than Linux
//
// Run the lab with
//
//	go test ./lab03_keepalive
//
// watch one experiment with
//
//	go test -v -run TestOutageShorterThanProbesIsSurvived ./lab03_keepalive
//
// and let fifty thousand clients vanish, if the machine has descriptors and memory for them, with
//
//	go test -run=^$ -bench=HalfOpen ./lab03_keepalive -args -halfopen 50000
//
// You will see that the kernel gives a peer up idle + count × interval after the last segment received, and
// never earlier; that one kernel probes and the other answers, so a hung process looks alive; that data in
// flight, or a closed window, silences the probes; that a box in the way forgets a silent connection, unless
// keepalive's idle time and its interval are shorter than the box's memory, and that a proxy answers for whoever
// is behind it; and that Go turns keepalive on by default, with its own settings.
//
// The lab does not show networks: a host that vanishes is one that hears nothing, and a box that forgets makes
// both ends hear nothing but what it says itself. It does not show an application's own heartbeat.
package lab03_keepalive
