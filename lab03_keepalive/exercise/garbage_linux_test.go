package exercise_test

import (
	"fmt"
	"net"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
)

// keepGarbage turns the garbage collector off in the student's process. At some time, the collector would close a connection
// that the student's code has forgotten to close, and so hide the mistake.
var keepGarbage = grading.Export("no collector", func(struct{}) struct{} {
	debug.SetGCPercent(-1)
	return struct{}{}
})

// collectGarbage turns the garbage collector on again, and runs it, because package net keeps pipes for splice(2) in a
// sync.Pool. The second run after the last use of a pipe removes it from the pool.
var collectGarbage = grading.Export("collector", func(struct{}) struct{} {
	const asByDefault, runs = 100, 3
	debug.SetGCPercent(asByDefault)
	grading.CollectGarbage(runs)
	return struct{}{}
})

// byCollector says what is wrong when the garbage collector closes a connection.
const byCollector = "the garbage collector closes the connection: its descriptor belongs to an os.File that nothing refers to any more"

// outlivesGarbage expects that the connection is still open after a garbage collection.
func (s *setter) outlivesGarbage(c *conn) {
	s.g.T().Helper()
	s.g.Step("%s has returned long ago; the garbage collector runs", s.name)
	was := c.descriptorFlags()
	s.g.Prepare("running the garbage collector", func() { collectGarbage.On(s.g, struct{}{}) })
	is := c.descriptorFlags()
	s.g.Expect(is == was, grading.Finding{
		Sentence: s.rest,
		Mistake:  byCollector,
		Expected: "a connection that is open until the caller closes it",
		Seen:     fmt.Sprintf("F_GETFD on its descriptor returned %d before, and returns %d now: %v", was, is, unix.EBADF),
		Read:     s.read,
	})
}

// outliveGarbage expects that clients are still served after a garbage collection.
func (s *serving) outliveGarbage(clients []*net.TCPConn) {
	s.g.T().Helper()
	s.g.Step("the garbage collector runs in the server's process; then %d clients send a request", len(clients))
	s.g.Prepare("running the garbage collector", func() { collectGarbage.On(s.g, struct{}{}) })
	for _, client := range clients {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "kept",
			Mistake:  byCollector,
			Expected: "the client gets back what it has sent",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
		})
	}
}
