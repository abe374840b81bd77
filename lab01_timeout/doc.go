// Package lab01_timeout asks: what does a timeout bound, and what does it tell you when it fires?
//
// The experiments are tests. Read them in this order:
//
//	waiting_test.go                   what happens without a timeout, and what the defaults are
//	waiting_linux_test.go             the defaults of SO_RCVTIMEO and SO_SNDTIMEO
//	connect_test.go                   a timeout on one connect
//	connect_linux_test.go             the kernel's own limits on connect
//	read_test.go                      a timeout on one receive
//	udp_test.go                       the same over UDP, and which loss is reported
//	write_test.go                     a timeout on one send, and what its count means
//	accept_test.go                    a timeout on one accept
//	raw_sockets_linux_test.go         the same on blocking sockets: SO_RCVTIMEO and SO_SNDTIMEO
//	whole_conversation_test.go        one call or the whole conversation: a deadline of Go's can bound either
//	whole_conversation_linux_test.go  SO_RCVTIMEO bounds one call
//	python_test.go                    Python's settimeout bounds one call
//	afterwards_test.go                what a connection is worth after a timeout
//	buffered_test.go                  what a bufio.Scanner, Reader or Writer is worth after a timeout
//	late_answers_test.go              what a timeout does not say about the peer
//	errors_test.go                    telling a timeout from every other error
//	retransmission_linux_test.go      how long the kernel keeps trying to deliver
//	http_test.go                      which timeout of net/http bounds what
//	sample_test.go                    the chapter's sample, in Go
//	lateness_test.go                  a benchmark: how late timeouts fire
//	lateness_linux_test.go            the same for SO_RCVTIMEO
//
// The other files are not experiments:
//
//	main_test.go                      starts the harness
//	serve_http_test.go                runs an HTTP server
//	signals_linux_test.go             keeps signals away from a call that they would end
//	errno_others_test.go              error numbers
//	errno_windows_test.go             the same for Windows
//	elsewhere_test.go                 generated: what is skipped on other systems than Linux
//
// Run the lab with
//
//	go test ./lab01_timeout
//
// and watch one experiment with
//
//	go test -v -run TestReadDeadlineFreesReader ./lab01_timeout
//
// You will see that no timeout fires early; that a timeout in Go is a moment, not a duration; that it says nothing
// about the peer; and that a write that timed out leaves you in the middle of your own message.
//
// The lab does not show networks: everything is on the loopback, where a round trip takes microseconds and nothing
// is lost unless an experiment loses it. It does not show name lookups, which have timeouts of their own, nor TLS.
package lab01_timeout
