// Package lab02_reuseaddr asks: what does SO_REUSEADDR allow, what does TIME_WAIT forbid, and to whom?
//
// The experiments are tests. Read them in this order:
//
//	01_restart_linux_test.go          a new server binds the port of a server that is gone
//	02_old_and_new_linux_test.go      a table: with which options a new socket can bind the port of an old one
//	03_go_restart_test.go             why TIME_WAIT doesn't stop a server in Go from restarting
//	04_go_restart_linux_test.go       what would happen if Go didn't set SO_REUSEADDR
//	05_killed_linux_test.go           a process that is killed, and started again on its port
//	06_child_linux_test.go            a child process that has inherited the listener of a server that is gone
//	07_unix_socket_linux_test.go      Unix sockets have no ports: a killed server leaves its file
//	08_handover_test.go               a restart that refuses clients, and a handover that refuses none
//	09_order_linux_test.go            the order of the calls: when the option must be set
//	10_inherited_linux_test.go        which options an accepted connection inherits from its listener
//	11_listeners_test.go              two listeners on one port
//	12_together_linux_test.go         two sockets on one port: bind allows it, and listen refuses
//	13_sharing_table_linux_test.go    a table: with which options a socket can share the port of a live socket
//	14_dual_stack_linux_test.go       IPv4 and IPv6 on one port, and IPV6_V6ONLY
//	15_reuseport_linux_test.go        SO_REUSEPORT does allow two listeners
//	15_reuseport_users_linux_test.go  two users: SO_REUSEPORT keeps another user out, SO_REUSEADDR does not
//	15_reuseport_worker_linux_test.go a worker that hangs still gets its share of the new connections
//	16_udp_linux_test.go              SO_REUSEADDR with UDP, which has no TIME_WAIT
//	17_outgoing_linux_test.go         what TIME_WAIT costs a client
//	18_local_port_linux_test.go       when a client gets its local port, and which sockets can share it
//	19_port_taken_linux_test.go       a client that has taken a server's port
//	20_linger_linux_test.go           SO_LINGER: a reset in place of TIME_WAIT, and a close that waits
//	21_half_close_linux_test.go       a connection that one side has closed, or both at the same time
//	22_half_close_proxy_test.go       a proxy must forward a half-close
//	23_unread_linux_test.go           a server that closes with unread data may lose its reply; how to close gracefully
//	24_last_fin_linux_test.go         what TIME_WAIT is for: answering a FIN that is retransmitted
//	25_stray_segments_linux_test.go   what TIME_WAIT is for: dropping old duplicate segments; which segment ends TIME_WAIT early
//	26_reopened_linux_test.go         who can use the port of a connection in TIME_WAIT; SO_REUSEADDR does not help connect
//	27_fin_timeout_linux_test.go      tcp_fin_timeout does not change TIME_WAIT; tcp_max_tw_buckets limits how many sockets are in TIME_WAIT
//	40_bind_bsd_test.go               macOS and FreeBSD: when bind succeeds with SO_REUSEADDR or SO_REUSEPORT
//	41_spread_freebsd_test.go         FreeBSD: SO_REUSEPORT_LB spreads the connections over several listeners
//	42_exclusive_windows_test.go      Windows: SO_EXCLUSIVEADDRUSE keeps other programs from taking a port
//
// The other files are not experiments:
//
//	08_handover_clients_test.go       clients that keep sending requests to the servers of the handover
//	11_listeners_others_test.go       the error number of bind when the port is in use, except on Windows
//	11_listeners_windows_test.go      the same, on Windows
//	common_linux_test.go              how the experiments open and close connections, and the options in the tables of files 02 and 13
//	elsewhere_test.go                 generated: what is skipped on systems other than Linux
//	main_test.go                      runs the tests on a private loopback
//	exercise/                         the exercises, and their graders
//
// Run the lab with
//
//	go test ./lab02_reuseaddr
//
// and watch one experiment with
//
//	go test -v -run TestTimeWaitKeepsPortBusy ./lab02_reuseaddr
//
// You will see:
//
//   - TIME_WAIT is on the side that closes first.
//   - SO_REUSEADDR on the new socket is not enough: the old socket must have had it, too.
//   - With SO_REUSEADDR on both sockets, bind succeeds while a connection on the port is in TIME_WAIT, and also while a
//     connection is still open.
//   - SO_REUSEADDR never lets two TCP sockets listen on one port if they have the same address, or if one of them has the
//     wildcard address (for example, one has 0.0.0.0 and the other 127.0.0.1). If one socket already listens, the other
//     socket's bind fails. If both were bound before either listened, the first listen succeeds, and the second fails.
//   - A close with unread data sends a reset, and the peer may lose data that was sent to it.
//
// The experiments read the kernel's table of sockets, as ss(8) does, to see which socket has a port.
//
// macOS, FreeBSD and Windows have other rules for the wildcard address, and for who may take over a port. Files 40 to 42
// show these rules, and run on these systems only. The lab does not show real networks, where segments are delayed and
// reordered.
package lab02_reuseaddr
