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

// TestMessageReader: a reader of messages keeps its place in the stream, even if a timeout comes in the middle of a message.
//
// Points: 15
// Read: TestTimeoutInMidMessage, TestLateAnswerIsTakenForTheNext, TestOneDeadlineBoundsWholeExchange
// Hint: The bytes that have come before the timeout are in some buffer. Find out which buffer that is, for the calls that you use:
// io.ReadFull returns a count that most programs ignore.
// Hint: In the MessageReader, keep the bytes that have come. First look whether they contain a whole message. Read only if they don't.
// Hint: One deadline before the first read is enough for all of them. Remove it before each return. A Read may return
// bytes and an error together: use the bytes first.
func TestMessageReader(t *testing.T) {
	g := grading.Start(t)
	overTCP(t, g).readsAll()
	overPipe(g).readsAll()
	overPipe(g).readsAllAndAppends()
	anyPieces(g)
	eachPatience(g)
	keepsPlace(g, overTCP(t, g), overTCP(t, g), overPipe(g))
	bothKeepTheirPlace(g)
	anyTimeouts(g)
	besideAnotherReader(g)
	onePatience(g)
	tooLong(g)
	anyEnds(g)
	allTogether(g)
	endsOfTCP(t, g)
}

const (
	hour    = time.Hour       // the patience of a call that need not wait
	long    = 5 * time.Second // the same, if bytes may be lost: then the call times out
	forever = math.MaxInt64   // the longest Duration: code that adds it to the time must not get a time in the past
)

// expect calls Next, and expects the message want.
func (s *stream) expect(sentence string, want []byte) {
	s.g.T().Helper()
	s.call(hour).brings(sentence, want)
}

// brings expects the message want from a call that has begun.
func (c *calling) brings(sentence string, want []byte) {
	s, got := c.stream, c.end(sentence)
	s.g.T().Helper()
	s.g.Expect(got.Err == nil && bytes.Equal(got.Data, want), grading.Finding{
		Sentence: sentence,
		Mistake:  "Next returns something other than the next message",
		Expected: story.Count(len(want), "byte") + ", and no error",
		Seen:     fmt.Sprintf("%s, equal: %v; error: %v", story.Count(len(got.Data), "byte"), bytes.Equal(got.Data, want), got.Err.Err()),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	})
	s.returned = append(s.returned, want)
}

// bothKeepTheirPlace: two readers are called in turn, and timeouts come in the middle of their lengths and of their messages.
func bothKeepTheirPlace(g *grading.Grader) {
	g.Step("two readers in turn: timeouts come within the lengths of their messages, and within the messages")
	both := []*stream{overScript(g), overScript(g)}
	messages := [][]byte{grading.Bytes(0x0302), grading.Bytes(0x0102)} // code that takes one length for the other returns too few bytes
	from := 0
	for _, to := range []int{3, 100} { // within the length, and after it
		for i, s := range both {
			s.comes(framed(messages[i])[from:to], false)
			for left := 1; left > 0; { // on a busy machine, a timeout may come before the Conn's read
				s.expectTimeout(10 * time.Millisecond)
				s.script.change(func() { left = len(s.script.results) })
			}
		}
		from = to
	}
	for i, s := range both {
		s.comes(framed(messages[i])[from:], false)
		s.expect("keeps-place", messages[i])
	}
}

// trimmed has bytes that some code trims from the ends of what it receives.
const trimmed = "\n\x00 \r"

// expectSoon expects a message whose last bytes come together with a timeout. Either this call or the next one must return the message.
func (s *stream) expectSoon(want []byte) {
	s.g.T().Helper()
	got := s.next("keeps-place", 10*time.Millisecond)
	if errors.Is(got.Err.Err(), os.ErrDeadlineExceeded) && len(got.Data) == 0 {
		s.comes(nil, false) // the next read returns the bytes that are left
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

// readsAll: messages of all lengths come one after the other, without a pause, in pieces of any size. Next returns each message, and no
// later call changes it.
func (s *stream) readsAll() {
	lengths := []int{0, 1, 3, 300, rand.N(3000), 0, 5}
	if s.log == nil { // each read of a pipe goes to the grader's process, which is slow if code reads byte by byte
		lengths = append(lengths, rand.N(70_000), 1<<16, 70_000+rand.N(70_000), exercise.MaxMessage-rand.N(4), exercise.MaxMessage)
	}
	rand.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	lengths = append(lengths, 0) // nothing follows: code that reads once more waits
	s.g.Step("messages come, of these lengths; a short one comes twice, and then another one of its length: %v", lengths)
	var all []byte
	var want [][]byte
	for _, n := range lengths {
		message := grading.Bytes(n)
		want = append(want, message)
		if n < 1000 {
			want = append(want, message, grading.Bytes(n))
		}
	}
	for _, message := range want {
		all = append(all, framed(message)...)
	}
	s.send(all, []int{len(all), 100_000}[rand.N(2)])
	for _, message := range want {
		s.expect("whole", message)
	}
	s.expectUnchanged()
}

// readsAllAndAppends: the caller appends to each message. If the message's slice has capacity left, append writes to the memory behind
// the message.
func (s *stream) readsAllAndAppends() {
	s.g.Step("messages come, and the caller appends to each")
	s.appends = true
	var all []byte
	var want [][]byte
	for i := range 5 {
		want = append(want, grading.Bytes(i%2*(1+rand.N(100)))) // every other message has no bytes
		all = append(all, framed(want[len(want)-1])...)
	}
	s.g.Experiment.Go(func() { s.far.Write(all) })
	for _, message := range want {
		s.expect("own-bytes", message)
	}
	s.expectUnchanged()
}

// eachPatience: each call has the patience that it was given, whatever an earlier one was given.
func eachPatience(g *grading.Grader) {
	s := overScript(g)
	for _, patience := range []time.Duration{20 * time.Millisecond, 50 * time.Millisecond, 10 * time.Millisecond} {
		g.Step("nothing comes, and Next may wait for %v", patience)
		s.expectTimeout(patience)
	}
}

// keepsPlace: timeouts come at every place in a message. The readers of all streams wait at the same time, and they share nothing.
func keepsPlace(g *grading.Grader, streams ...*stream) {
	all := func(patience time.Duration) (calls []*calling) {
		for _, s := range streams {
			calls = append(calls, s.call(patience))
		}
		return calls
	}
	const timeout = 13*time.Millisecond - time.Microsecond // not a whole number of milliseconds: shows whether it is rounded down
	// The first timeout comes after the length. Code that drops the length takes other bytes for it, and doesn't wait.
	for _, at := range append([]int{4}, rand.Perm(4+6)...) {
		g.Step("%s of a message come; then Next is called twice, with a patience of %v, and nothing comes", story.Count(at, "byte"), timeout)
		message, other := grading.Bytes(6), grading.Bytes(rand.N(10))
		data := framed(message)
		for _, s := range streams {
			s.send(data[:at], 3)
		}
		for range 2 {
			for _, call := range all(timeout) {
				call.endsByTimeout()
			}
		}
		for _, want := range [][]byte{message, other} {
			calls := all(hour)
			time.Sleep(2 * time.Millisecond) // all wait; then a data race shows, if they do share something
			for _, call := range calls {
				call.send(data[at:], 20)
			}
			for _, call := range calls {
				call.brings("keeps-place", want)
			}
			data, at = framed(other), 0
		}
	}
}

// expectTimeout calls Next, and expects a timeout.
func (s *stream) expectTimeout(timeout time.Duration) {
	s.g.T().Helper()
	s.call(timeout).endsByTimeout()
}

func (c *calling) endsByTimeout() (took time.Duration) {
	c.g.T().Helper()
	got := c.end("times-out")
	f := grading.Finding{
		Sentence: "times-out",
		Mistake:  "Next doesn't return what it should when it times out",
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
