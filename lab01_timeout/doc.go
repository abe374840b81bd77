// Package lab01_timeout asks: what does a timeout limit, and what does it tell you when it fires?
//
// The experiments are tests. Read them in this order:
//
//	01_waiting_test.go                   what happens without a timeout, and what the defaults are
//	02_waiting_linux_test.go             the defaults of SO_RCVTIMEO and SO_SNDTIMEO
//	03_connect_test.go                   a timeout on connect
//	04_connect_linux_test.go             limits on connect that the kernel enforces: TCP_SYNCNT and TCP_USER_TIMEOUT
//	04_syns_linux_test.go                when the kernel retransmits a SYN, and when it gives up on a connect with no timeout
//	05_after_connect_test.go             connect succeeds, but nobody accepts, or the TLS handshake hangs
//	06_several_addresses_linux_test.go   one timeout for all addresses of a name
//	07_unreachable_linux_test.go         what an ICMP error does to a connect, to an open connection, and to a UDP socket
//	08_read_test.go                      a timeout on a read
//	09_udp_test.go                       a timeout on a read over UDP; nobody reports a dropped datagram; a closed port may be reported
//	10_write_test.go                     a timeout on a write, and what the byte count of such a write means
//	11_accept_test.go                    a timeout on accept
//	12_blocking_sockets_linux_test.go    timeouts on blocking sockets: SO_RCVTIMEO and SO_SNDTIMEO
//	13_signals_linux_test.go             what a signal does to a call on a socket with SO_RCVTIMEO
//	14_file_linux_test.go                after File().Fd(), a connection's deadlines have no effect
//	15_whole_conversation_test.go        one call or the whole conversation: a deadline in Go can limit either
//	16_whole_conversation_linux_test.go  SO_RCVTIMEO bounds one call
//	17_python_test.go                    Python's settimeout bounds one call, and is off by default
//	18_afterwards_test.go                what a connection can still do after a timeout
//	19_buffered_test.go                  what a bufio.Scanner, Reader or Writer can still do after a timeout
//	20_mid_message_test.go               a table: which readers and writers can go on after a timeout in mid-message
//	20_tls_write_test.go                 a write over TLS that times out in the middle of a record
//	21_late_answers_test.go              what a timeout does not say about the peer
//	21_late_answers_linux_test.go        what a server sees if it answers after the client has given up
//	22_dial_errors_test.go               a dial that times out returns one of two errors
//	22_errors_test.go                    telling a timeout from every other error
//	22_python_errors_linux_test.go       in Python, the timeout of settimeout and the kernel's timeout raise the same exception
//	23_resets_linux_test.go              data that arrived before a reset can still be read
//	24_retransmission_linux_test.go      how long the kernel retransmits, and how to make it give up sooner
//	25_http_test.go                      which timeout of net/http bounds what
//	26_http_server_test.go               the four timeouts of http.Server, by phase of the request
//	26_http_write_test.go                WriteTimeout truncates a response silently, and what helps
//	27_http_idle_linux_test.go           a connection in the pool is closed or dead when the next request takes it
//	28_sample_test.go                    the chapter's sample, in Go
//	29_sample_python_linux_test.go       the chapter's sample in Python, as printed there
//	30_lateness_linux_test.go            a benchmark: how late SO_RCVTIMEO fires
//	30_lateness_test.go                  a benchmark: how late Go's deadlines and dial timeouts fire
//	40_connect_darwin_test.go            macOS: the option that limits a connect
//	41_blocking_bsd_test.go              macOS and FreeBSD: the timeouts of blocking sockets
//
// The other files are not experiments:
//
//	common_linux_test.go                 blocks signals in the calling thread
//	common_others_test.go                error numbers, except on Windows
//	common_test.go                       what several files use: slow peers, an HTTP server and client
//	common_windows_test.go               error numbers on Windows
//	elsewhere_test.go                    generated: what is skipped on systems other than Linux
//	main_test.go                         runs the tests on a private loopback
//	exercise/                            the exercises, and their graders
//
// Run the lab with
//
//	go test ./lab01_timeout
//
// and watch one experiment with
//
//	go test -v -run TestReadDeadlineFreesReader ./lab01_timeout
//
// You will see:
//
//   - Go's timeouts are never early. The kernel's may be early by one tick of its clock.
//   - A deadline in Go is an absolute time, not a duration.
//   - A timeout says nothing about the peer: it may be dead, or only slow.
//   - A write that timed out may have sent a part of your message.
//
// The lab does not show real networks, where segments are delayed and reordered: everything is on the loopback, where a
// round trip takes microseconds, and nothing is lost unless an experiment drops it. The lab also leaves out slow name
// lookups, which have timeouts of their own, and says nothing about which parts of a TLS handshake take long.
package lab01_timeout
