package exercise_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	overTCP(t, g).keepsPlace()
	overPipe(g).keepsPlace()
	onePatience(g)
	tooLong(g)
	ends(t, g)
}

const (
	wholeMessage = 10 * time.Second // the patience where all has come
	hour         = time.Hour
)

// expect expects a message.
func (s *stream) expect(sentence string, want []byte) {
	s.g.T().Helper()
	got := s.next(sentence, wholeMessage)
	s.g.Expect(got.Err == nil && bytes.Equal(got.Data, want), grading.Finding{
		Sentence: sentence,
		Mistake:  "Next returns something else than the next message",
		Expected: story.Count(len(want), "byte") + ", and no error",
		Seen:     fmt.Sprintf("%s, equal: %v; error: %v", story.Count(len(got.Data), "byte"), bytes.Equal(got.Data, want), got.Err.Err()),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	})
	s.sent = append(s.sent, want)
}

// readsAll: messages of all lengths come together, cut anywhere, and stay what they are.
func (s *stream) readsAll() {
	lengths := []int{0, 1, 3, 300, rand.N(70_000), 1 << 16, exercise.MaxMessage, 0, 5}
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
	var now [][]byte
	s.g.Prepare("to look at earlier messages", func() { now = earlier.On(s.g, s.reader) })
	for i, message := range s.sent {
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
	for range 3 {
		want = append(want, grading.Bytes(1+rand.N(100)))
		all = append(all, framed(want[len(want)-1])...)
	}
	s.g.Experiment.Go(func() { s.far.Write(all) })
	for _, message := range want {
		s.expect("own-bytes", message)
	}
}

// keepsPlace: timeouts come at every place of a message.
func (s *stream) keepsPlace() {
	const timeout = 25*time.Millisecond - time.Microsecond // no whole milliseconds: not a moment less will do
	for _, at := range rand.Perm(4 + 6) {
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
func (s *stream) expectTimeout(timeout time.Duration) (took time.Duration) {
	s.g.T().Helper()
	got := s.next("times-out", timeout)
	f := grading.Finding{
		Sentence: "times-out",
		Mistake:  "Next doesn't return what it should after a timeout",
		Expected: "no bytes, and os.ErrDeadlineExceeded, after " + story.Duration(timeout),
		Seen:     fmt.Sprintf("%s, and %v, after %s", story.Count(len(got.Data), "byte"), got.Err.Err(), story.Duration(got.Took)),
		Read:     "lab01_timeout/TestTimeoutInMidMessage",
	}
	s.g.Expect(len(got.Data) == 0 && errors.Is(got.Err.Err(), os.ErrDeadlineExceeded), f)
	f.Mistake = "Next gives up too early"
	least := timeout
	if s.log != nil {
		least -= slack
	}
	s.g.Expect(got.Took >= least, f)
	return got.Took
}

// onePatience: neither a length nor a byte begins the patience anew.
func onePatience(g *grading.Grader) {
	for _, come := range []struct {
		what  string
		bytes int
		at    func(timeout time.Duration, i int) time.Duration // after the call
	}{
		{"the length comes late, and nothing after it", 4, func(timeout time.Duration, i int) time.Duration { return timeout * 7 / 10 }},
		{"a byte comes now and then", 40, func(timeout time.Duration, i int) time.Duration { return timeout / 10 * time.Duration(i) }},
	} {
		// The machine is to blame for much, but not again and again.
		for tries, timeout := 0, 200*time.Millisecond; ; tries, timeout = tries+1, time.Second {
			g.Step("%s; Next waits for %v", come.what, timeout)
			s := overPipe(g)
			data := framed(grading.Bytes(100))
			g.Experiment.Go(func() {
				began := time.Now()
				for i := range come.bytes {
					time.Sleep(time.Until(began.Add(come.at(timeout, i))))
					if _, err := s.far.Write(data[i : i+1]); err != nil {
						return
					}
				}
			})
			took := s.expectTimeout(timeout)
			if took < timeout*3/2 {
				s.far.Close()
				break
			}
			g.Expect(tries < 2, grading.Finding{
				Sentence: "one-patience",
				Mistake:  "the patience begins anew within a message: " + come.what,
				Expected: "Next returns after " + story.Duration(timeout),
				Seen:     "it returns after " + story.Duration(took),
				Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
			})
			s.far.Close()
		}
	}
}

func tooLong(g *grading.Grader) {
	for _, length := range []uint32{exercise.MaxMessage + 1, exercise.MaxMessage + 1 + rand.Uint32N(1<<20), 1<<31 + rand.Uint32N(1<<31), 1<<32 - 1} {
		g.Step("a message announces %d bytes", length)
		s := overPipe(g)
		s.send(framed(grading.Bytes(10)), 14)
		s.next("whole", wholeMessage)
		s.send(binary.BigEndian.AppendUint32(nil, length), 4)
		for range 2 {
			got := s.next("too-long", hour)
			g.Expect(len(got.Data) == 0 && got.TooLong, grading.Finding{
				Sentence: "too-long",
				Mistake:  "a message that is too long isn't refused",
				Expected: "no bytes, and ErrTooLong, from each call",
				Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
			})
		}
	}
}

// ends: the stream ends at every place.
func ends(t *testing.T, g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	for _, cut := range []int{0, 1, 3, 4, 7} {
		for _, end := range []error{io.EOF, fmt.Errorf("reading: %w", broken)} {
			g.Step("%s of a message come, and then: %v", story.Count(cut, "byte"), end)
			message := grading.Bytes(9)
			s := overPipe(g)
			s.log.last, s.log.end = append(framed(message), framed(grading.Bytes(9))[:cut]...), end
			s.expect("end", message)
			want, sentence := end, "end"
			switch {
			case end != io.EOF:
				want, sentence = broken, "other-errors"
			case cut > 0:
				want = io.ErrUnexpectedEOF
			}
			for range 2 {
				got := s.next(sentence, hour)
				g.Expect(len(got.Data) == 0 && errors.Is(got.Err.Err(), want), grading.Finding{
					Sentence: sentence,
					Mistake:  "the end of a stream isn't told as it is, by each call that meets it",
					Expected: fmt.Sprintf("no bytes, and %v", want),
					Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
					Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
				})
			}
		}
	}
	s := overTCP(t, g)
	require.NoError(t, s.far.Close())
	got := s.next("end", hour)
	g.Expect(got.Err.Err() == io.EOF, grading.Finding{
		Sentence: "end", Mistake: "the end of a stream isn't told as it is", Expected: "io.EOF", Seen: fmt.Sprint(got.Err.Err()),
	})
}
