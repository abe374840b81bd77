// Package lab01_timeout asks: what does a time-out bound, and what does it tell you when it fires?
//
// The experiments are tests. Read them in this order:
//
//	waiting_test.go                what happens without a time-out, and what the defaults are
//	waiting_linux_test.go          the defaults of SO_RCVTIMEO and SO_SNDTIMEO
//	connect_test.go                a time-out on one connect
//	connect_linux_test.go          the kernel's own limits on connect
//	read_test.go                   a time-out on one receive
//	write_test.go                  a time-out on one send, and what its count means
//	accept_test.go                 a time-out on one accept
//	raw_sockets_linux_test.go      the same on blocking sockets: SO_RCVTIMEO and SO_SNDTIMEO
//	whole_conversation_test.go     one call or the whole conversation? where Go and Python differ
//	afterwards_test.go             what a connection is worth after a time-out
//	late_answers_test.go           what a time-out does not say about the peer
//	errors_test.go                 telling a time-out from every other error
//	retransmission_linux_test.go   how long the kernel keeps trying to deliver
//	http_test.go                   which time-out of net/http bounds what
//	example_test.go                the chapter's sample, in Go
//	lateness_test.go               a benchmark: how late time-outs fire
//	lateness_linux_test.go         the same for SO_RCVTIMEO
//	elsewhere_test.go              generated: what is skipped on other systems than Linux
//
// Run the lab with
//
//	go test ./lab01_timeout
//
// and watch one experiment with
//
//	go test -v -run TestReadDeadlineFreesReader ./lab01_timeout
//
// You will see that nothing waits less than it was told to; that a time-out in Go is a moment, not
// a duration; that it says nothing about the peer; and that a timed-out write leaves you in the
// middle of your own message.
//
// The lab does not show networks: all is on the loopback, where a round trip takes microseconds and
// nothing gets lost unless an experiment loses it. It does not show name look-ups, which have
// time-outs of their own, nor TLS.
package lab01_timeout
