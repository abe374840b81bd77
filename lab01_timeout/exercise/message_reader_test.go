package exercise_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// TestMessageReader: a reader of messages keeps its place in the stream when a timeout comes in the middle of one.
//
// Points: 15
// Read: TestTimeoutInMidMessage, TestLateAnswerIsTakenForTheNext, TestOneDeadlineBoundsWholeExchange
// Hint: The bytes that have come before the timeout are in some buffer. Find out in which, for the calls that you use: io.ReadFull
// returns a count that most programs ignore.
// Hint: Keep what has come in the MessageReader, and look first whether it contains a whole message. Read only if it doesn't.
// Hint: One deadline before the first read is enough for all of them. Remove it before each return. A Read may return
// bytes and an error together: use the bytes first.
func TestMessageReader(t *testing.T) {
	g := grading.Start(t)
	overTCP(t, g).readsAll()
	overPipe(g).readsAll()
	overPipe(g).readsAllAndAppends()
	anyPieces(g)
	overTCP(t, g).keepsPlace()
	overPipe(g).keepsPlace()
	anyTimeouts(g)
	besideAnother(g)
	onePatience(g)
	tooLong(g)
	anyEnds(g)
	allTogether(g)
	endsOfTCP(t, g)
}

const (
	hour    = time.Hour       // the patience where all has come
	long    = 5 * time.Second // the same, where it shows what is lost
	forever = math.MaxInt64   // the longest Duration that there is: who adds to it must not come out in the past
)

// expect expects a message.
func (s *stream) expect(sentence string, want []byte) {
	s.g.T().Helper()
	got := s.next(sentence, hour)
	s.g.Expect(got.Err == nil && bytes.Equal(got.Data, want), grading.Finding{
		Sentence: sentence,
		Mistake:  "Next returns something else than the next message",
		Expected: story.Count(len(want), "byte") + ", and no error",
		Seen:     fmt.Sprintf("%s, equal: %v; error: %v", story.Count(len(got.Data), "byte"), bytes.Equal(got.Data, want), got.Err.Err()),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	})
	s.sent = append(s.sent, want)
}

// trimmed is what some would trim at the ends of what they receive.
const trimmed = "\n\x00 \r"

// besideAnother: a reader has a message while another one waits.
func besideAnother(g *grading.Grader) {
	g.Step("a reader waits; meanwhile a message comes to another one")
	waits, message := overScript(g), grading.Bytes(9)
	call := waits.call(hour)
	waits.script.await(func() bool { return len(waits.script.reads) > 0 }, grading.Patience)
	overScript(g, pieces(framed(message), 20)...).expect("it-returns", message)
	waits.comes(framed(message), false)
	call.end("it-returns")
}

// expectSoon expects a message whose last bytes come together with a timeout: this call returns it, or the next one.
func (s *stream) expectSoon(want []byte) {
	s.g.T().Helper()
	got := s.next("keeps-place", 10*time.Millisecond)
	if errors.Is(got.Err.Err(), os.ErrDeadlineExceeded) && len(got.Data) == 0 {
		s.comes(nil, false) // what the Conn has left of it
		got = s.next("keeps-place", long)
	}
	f := grading.Finding{
		Sentence: "keeps-place",
		Mistake:  "bytes that come together with a timeout are lost",
		Expected: story.Count(len(want), "byte") + ", and no error, from this call or the next",
		Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	}
	s.g.Expect(bytes.Equal(got.Data, want), f)
	f.Sentence, f.Mistake = "end", "an error that comes together with the last bytes of a message is returned with that message"
	s.g.Expect(got.Err == nil, f)
}

// readsAll: messages of all lengths come together, cut anywhere, and stay what they are.
func (s *stream) readsAll() {
	lengths := []int{0, 1, 3, 300, rand.N(70_000), 1 << 16, 70_000 + rand.N(70_000), exercise.MaxMessage - rand.N(4), exercise.MaxMessage, 0, 5}
	rand.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	s.g.Step("messages come, of these lengths: %v", lengths)
	var all []byte
	var want [][]byte
	for _, n := range lengths {
		want = append(want, grading.Bytes(n))
		all = append(all, framed(want[len(want)-1])...)
	}
	s.send(all, []int{len(all), 100_000}[rand.N(2)])
	for _, message := range want {
		s.expect("whole", message)
	}
	s.expectUnchanged()
}

// expectUnchanged: all that Next has returned is as it was.
func (s *stream) expectUnchanged() {
	s.g.T().Helper()
	var now [][]byte
	s.g.Prepare("to look at earlier messages", func() { now = earlier.On(s.g, s.reader) })
	for i, message := range s.sent {
		if s.appends {
			message = append(message, appended(i))
		}
		s.g.Expect(bytes.Equal(now[i], message), grading.Finding{
			Sentence: "own-bytes",
			Mistake:  "a later call changes a message that the caller has",
			Expected: "each message has memory of its own",
			Seen:     fmt.Sprintf("message %d of %d, of %s, is another one now", i+1, len(s.sent), story.Count(len(message), "byte")),
		})
	}
}

// readsAllAndAppends: the caller appends to each message, which writes behind it where there is room in its memory.
func (s *stream) readsAllAndAppends() {
	s.g.Step("messages come, and the caller appends to each")
	s.appends = true
	var all []byte
	var want [][]byte
	for i := range 5 {
		want = append(want, grading.Bytes(i%2*(1+rand.N(100)))) // also to one of no bytes
		all = append(all, framed(want[len(want)-1])...)
	}
	s.g.Experiment.Go(func() { s.far.Write(all) })
	for _, message := range want {
		s.expect("own-bytes", message)
	}
	s.expectUnchanged()
}

// keepsPlace: timeouts come at every place of a message.
func (s *stream) keepsPlace() {
	const timeout = 13*time.Millisecond - time.Microsecond // no whole milliseconds: not a moment less will do
	// First when the length has come: who drops that takes other bytes for it, and does not wait.
	for _, at := range append([]int{4}, rand.Perm(4+6)...) {
		message := grading.Bytes(6)
		s.g.Step("%s of a message come, and nothing for %v, twice", story.Count(at, "byte"), timeout)
		data := framed(message)
		s.send(data[:at], 3)
		for range 2 {
			s.expectTimeout(timeout)
		}
		other := grading.Bytes(rand.N(10))
		s.send(append(data[at:], framed(other)...), 20)
		s.expect("keeps-place", message)
		s.expect("keeps-place", other)
	}
}

// expectTimeout expects that nothing comes in time.
func (s *stream) expectTimeout(timeout time.Duration) {
	s.g.T().Helper()
	s.call(timeout).endsByTimeout()
}

func (c *calling) endsByTimeout() (took time.Duration) {
	c.g.T().Helper()
	got := c.end("times-out")
	f := grading.Finding{
		Sentence: "times-out",
		Mistake:  "Next doesn't return what it should after a timeout",
		Expected: "no bytes, and os.ErrDeadlineExceeded, after " + story.Duration(c.patience),
		Seen:     fmt.Sprintf("%s, and %v, after %s", story.Count(len(got.Data), "byte"), got.Err.Err(), story.Duration(got.Took)),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	}
	c.g.Expect(len(got.Data) == 0 && errors.Is(got.Err.Err(), os.ErrDeadlineExceeded), f)
	f.Mistake = "Next gives up too early"
	least := c.patience
	if c.script != nil || c.log != nil {
		least -= slack
	}
	c.g.Expect(got.Took >= least, f)
	return got.Took
}
