// Package lab02_reuseaddr asks: what does SO_REUSEADDR allow, what does TIME_WAIT forbid, and to whom?
//
// The experiments are tests. Read them in this order:
//
//	01_restart_linux_test.go          a server that is gone, and who may have its port
//	02_old_and_new_linux_test.go      the table: what the old socket had, and what the new one has
//	03_go_restart_test.go             why a server in Go sees nothing of all this
//	04_go_restart_linux_test.go       what it would see without Go's help
//	05_killed_linux_test.go           a process that is killed, and started again on its port
//	06_handover_test.go               a restart that refuses nobody, beside one that does
//	06_handover_clients_test.go       the clients that call these servers all the time
//	07_order_linux_test.go            when the option must be set, call by call
//	08_listeners_test.go              two listeners on one port
//	08_listeners_others_test.go       the error number of a port that is taken
//	08_listeners_windows_test.go      the same for Windows
//	09_together_linux_test.go         what bind allows, and listen does not
//	10_sharing_table_linux_test.go    the table: who may share a port with a living socket
//	11_reuseport_linux_test.go        the option that does allow two listeners
//	12_udp_linux_test.go              the same option where there is no TIME_WAIT
//	13_outgoing_linux_test.go         what TIME_WAIT costs a client
//	14_linger_linux_test.go           getting rid of TIME_WAIT, and at what price
//	15_last_fin_linux_test.go         what TIME_WAIT is for: a FIN that must be sent again
//	16_stray_segments_linux_test.go   what TIME_WAIT is for: segments that come late, and one that ends it
//	17_fin_timeout_linux_test.go      a setting that people mistake for the length of TIME_WAIT
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
// much as the new one's; that the option lets bind get past more than TIME_WAIT; and that the option never
// lets two sockets listen on one port, although it is listen that refuses, not bind.
//
// Before the experiments conclude anything, they read in the kernel's table of sockets who has a port, as ss(8) does.
//
// The lab does not show the rules of other systems: macOS and Windows decide differently about the
// wildcard address and about who may take over a port. It does not show sockets of two users, for which
// the kernel refuses SO_REUSEPORT, nor networks, on which segments go astray on their own.
package lab02_reuseaddr
