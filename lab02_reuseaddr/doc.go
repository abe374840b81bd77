// Package lab02_reuseaddr asks: what does SO_REUSEADDR allow, what does TIME_WAIT forbid, and to whom?
//
// The experiments are tests. Read them in this order:
//
//	01_restart_linux_test.go          a server that is gone, and who may have its port
//	02_old_and_new_linux_test.go      the table: what the old socket had, and what the new one has
//	03_go_restart_test.go             why a server in Go sees nothing of all this
//	04_go_restart_linux_test.go       what it would see without Go's help
//	05_killed_linux_test.go           a process that is killed, and started again on its port
//	06_child_linux_test.go            a child that has the listener of a server that is gone
//	07_unix_socket_linux_test.go      the file that a killed server leaves, where there are no ports
//	08_handover_test.go               a restart that refuses nobody, beside one that does
//	08_handover_clients_test.go       the clients that call these servers all the time
//	09_order_linux_test.go            when the option must be set, call by call
//	10_inherited_linux_test.go        which options an accepted connection has from its listener
//	11_listeners_test.go              two listeners on one port
//	11_listeners_others_test.go       the error number of a port that is taken
//	11_listeners_windows_test.go      the same for Windows
//	12_together_linux_test.go         what bind allows, and listen does not
//	13_sharing_table_linux_test.go    the table: who may share a port with a living socket
//	14_dual_stack_linux_test.go       IPv4 and IPv6 on one port, and IPV6_V6ONLY
//	15_reuseport_linux_test.go        the option that does allow two listeners
//	16_udp_linux_test.go              the same option where there is no TIME_WAIT
//	17_outgoing_linux_test.go         what TIME_WAIT costs a client
//	18_local_port_linux_test.go       when a client gets its port, and who can share it
//	19_port_taken_linux_test.go       a server's port that a client has
//	20_linger_linux_test.go           getting rid of TIME_WAIT, and at what price; a close that waits
//	21_half_close_linux_test.go       a connection that one side has closed, or both at once
//	22_half_close_proxy_test.go       a proxy that must hand the end on
//	23_unread_linux_test.go           a close that loses the answer, and how to end in good order
//	24_last_fin_linux_test.go         what TIME_WAIT is for: a FIN that must be sent again
//	25_stray_segments_linux_test.go   what TIME_WAIT is for: segments that come late, and one that ends it
//	26_reopened_linux_test.go         who need not wait for the end of TIME_WAIT
//	27_fin_timeout_linux_test.go      a setting that is taken for the length of TIME_WAIT
//	40_bind_bsd_test.go               macOS and FreeBSD: which binds the options allow
//	41_spread_freebsd_test.go         FreeBSD: the option that spreads connections
//	42_exclusive_windows_test.go      Windows: the option that keeps strangers out
//	common_linux_test.go              how the experiments open and end a connection, and the options of the tables
//	main_test.go                      runs the tests on a private loopback
//	elsewhere_test.go                 generated: what is skipped on systems other than Linux
//
// Run the lab with
//
//	go test ./lab02_reuseaddr
//
// and watch one experiment with
//
//	go test -v -run TestTimeWaitKeepsPortBusy ./lab02_reuseaddr
//
// You will see that TIME_WAIT is on the side that closes first; that the old socket's option counts as
// much as the new one's; that the option lets bind get past more than TIME_WAIT; that the option never lets
// two sockets listen on one port, although it is listen that refuses, not bind; and that whoever closes
// first, or with something unread, decides what the other side gets.
//
// Before the experiments conclude anything, they read in the kernel's table of sockets who has a port, as ss(8) does.
//
// The lab does not show the rules of other systems: macOS and Windows decide differently about the
// wildcard address and about who may take over a port. It does not show sockets of two users, for which
// the kernel refuses SO_REUSEPORT, nor networks, on which segments go astray on their own.
package lab02_reuseaddr
