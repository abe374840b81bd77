package exercise_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// pieces cuts data into pieces: a read of the Conn returns one piece. Some reads return no bytes, and no error.
func pieces(data []byte, most int) (all []scriptedRead) {
	for len(data) > 0 {
		n := min(len(data), 1+rand.N(most))
		all = append(all, scriptedRead{data: data[:n]})
		data = data[n:]
		if rand.N(4) == 0 {
			all = append(all, scriptedRead{})
		}
	}
	return all
}

// anyPieces: two readers are called in turn. Their messages come in pieces of all sizes. The caller of one reader appends to its messages.
func anyPieces(g *grading.Grader) {
	const small = 60 // how many messages of less than 250 bytes there are
	lengths := []int{33_000, 0x0080, 0x8000}
	for range small {
		lengths = append(lengths, rand.N(250))
	}
	rand.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	g.Step("two readers in turn; messages come in pieces, of these lengths, some of them twice: %v", lengths)
	both := []*stream{overScript(g), overScript(g)}
	for _, s := range both {
		s.script.settingRead = func(time.Time) error { return nil } // no pause, because there are so many messages
	}
	both[1].appends = true
	for i, length := range lengths {
		for range 1 + rand.N(2) {
			most := []int{1 + length/4, length + 4}[rand.N(2)]
			if length < 10 {
				most = 1
			}
			s, message := both[i%2], grading.Bytes(length)
			if length > 1 {
				message[0], message[length-1] = trimmed[i%len(trimmed)], trimmed[i%len(trimmed)]
			}
			s.script.change(func() { s.script.results = pieces(framed(message), most) })
			s.expect("whole", message)
		}
	}
	for _, s := range both {
		s.expectUnchanged()
	}
}

// anyTimeouts: timeouts come at several places in one message, and between messages. Some bytes come together with a timeout, others
// between a timeout and the next call.
func anyTimeouts(g *grading.Grader) {
	s := overScript(g)
	s.expectTimeout(300 * time.Microsecond)
	g.Step("a message comes, and Next may wait for ever")
	endless := grading.Bytes(9)
	s.comes(framed(endless), false)
	got := s.next("times-out", forever)
	g.Expect(got.Err == nil && bytes.Equal(got.Data, endless), grading.Finding{
		Sentence: "times-out",
		Mistake:  "Next gives up too early",
		Expected: story.Count(len(endless), "byte"),
		Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
	})
	timesOut := func(data []byte, n, length int, isLate bool) (rest []byte) {
		g.Step("%s of a message of %s come, and a timeout; both come together: %v", story.Count(n, "byte"), story.Count(length, "byte"), isLate)
		s.comes(data[:n], isLate)
		s.expectTimeout(grading.Between(8*time.Millisecond, 15*time.Millisecond))
		return data[n:]
	}
	for _, n := range []int{2, 100} { // within the length, and after it
		message := grading.Bytes(300)
		s.comes(timesOut(framed(message), n, len(message), true), false)
		s.expect("keeps-place", message)
	}
	g.Step("the rest of a message comes together with the timeout")
	for _, n := range []int{2, 4, 100} {
		message := grading.Bytes(300)
		s.comes(framed(message)[:n], false)
		s.expectTimeout(10 * time.Millisecond)
		s.comes(framed(message)[n:], true)
		s.expectSoon(message)
	}
	g.Step("a message comes directly after a timeout")
	for range 2 {
		message := grading.Bytes(20)
		s.script.change(func() { s.script.afterTimeout = framed(message) })
		s.expectTimeout(10 * time.Millisecond)
		s.comes(nil, false) // if no read of the Conn has timed out, the message comes now
		got := s.next("keeps-place", long)
		g.Expect(got.Err == nil && bytes.Equal(got.Data, message), grading.Finding{
			Sentence: "keeps-place",
			Mistake:  "bytes that come after a timeout are lost",
			Expected: story.Count(len(message), "byte") + ", and no error",
			Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
		})
	}
	lengths := []int{0, 1, 6, 300, 0, 9}
	rand.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	for _, length := range lengths {
		message := grading.Bytes(length)
		data := framed(message)
		for len(data) > 1 && rand.N(4) > 0 {
			data = timesOut(data, 1+rand.N(min(len(data)-1, 5)), length, rand.N(3) == 0)
		}
		s.comes(data, false)
		s.expect("keeps-place", message)
		if rand.N(2) == 0 {
			g.Step("nothing comes after a message of %s", story.Count(length, "byte"))
			s.expectTimeout(10 * time.Millisecond)
		}
	}
}

// expectUnchanged: no message that Next has returned has changed since then.
func (s *stream) expectUnchanged() {
	s.g.T().Helper()
	var now [][]byte
	s.g.Prepare("returning the earlier messages", func() { now = earlier.On(s.g, s.reader) })
	for i, message := range s.returned {
		if s.appends {
			message = append(message, appended(i))
		}
		s.g.Expect(bytes.Equal(now[i], message), grading.Finding{
			Sentence: "own-bytes",
			Mistake:  "a later call changes a message that the caller has",
			Expected: "each message has memory of its own",
			Seen:     fmt.Sprintf("message %d of %d, of %s, is different now", i+1, len(s.returned), story.Count(len(message), "byte")),
		})
	}
	var both []int
	s.g.Prepare("changing the earlier messages", func() { both = sharesMemory.On(s.g, s.reader) })
	s.g.Expect(both == nil, grading.Finding{
		Sentence: "own-bytes",
		Mistake:  "two messages share memory: when the caller changes one, the other changes, too",
		Expected: "each message has memory of its own",
		Seen:     fmt.Sprintf("messages %v of %d", both, len(s.returned)),
	})
}

// onePatience: the patience doesn't begin anew when bytes come. All cases wait concurrently. On a busy machine, a call may return late,
// which proves nothing: each case must be in time in at least one of several attempts.
func onePatience(g *grading.Grader) {
	const attempts = 3
	type trickle struct {
		what  string
		size  int // of the message
		parts []arrival
		with  int // how many bytes come together with the timeout
		had   int // how many bytes an earlier call has read, which has timed out
	}
	evenly := func(n int) (all []arrival) {
		for i := range n {
			all = append(all, arrival{i * 90 / n, 1})
		}
		return all
	}
	var left []trickle
	for _, c := range []trickle{
		{"the length comes late, and nothing after it", 100, []arrival{{70, 4}}, 0, 0},
		{"the length comes in two pieces, and nothing after it", 100, []arrival{{30, 1}, {70, 3}}, 0, 0},
		{"a byte comes now and then", 100, evenly(40), 0, 0},
		{"a byte comes now and then, of a long message", exercise.MaxMessage, evenly(30), 0, 0},
		{"the length of a long message comes late, and nothing after it", exercise.MaxMessage, []arrival{{70, 4}}, 0, 0},
		{"half of what is missing comes, again and again", 124, []arrival{{20, 64}, {40, 32}, {60, 16}, {80, 8}}, 0, 0},
		{"a large piece comes now and then", exercise.MaxMessage, []arrival{{20, 66 << 10}, {40, 66 << 10}, {60, 66 << 10}, {80, 66 << 10}}, 0, 0},
		{"the length comes early, and most of the message late", 100, []arrival{{10, 4}, {80, 90}}, 0, 0},
		{"some bytes come together with the timeout", 100, nil, 20, 0},
	} {
		left = append(left, c)
		for _, c.had = range []int{1, 6} { // within the length, and after it
			left = append(left, c)
		}
	}
	timeout := 200 * time.Millisecond
	for attempt := 1; ; attempt++ {
		var calls []*calling
		streams := make([]*stream, len(left))
		for i := range left {
			streams[i] = overScript(g, pieces(framed([]byte("!")), 5)...)
			streams[i].expect("whole", []byte("!"))
		}
		for i, c := range left {
			g.Step("after a message, and a timeout after %s of the next one, %s; Next may wait for %v", story.Count(c.had, "byte"), c.what, timeout)
			s, data := streams[i], framed(grading.Bytes(c.size))
			if c.had > 0 {
				s.comes(data[:c.had], false)
				s.expectTimeout(5 * time.Millisecond)
				data = data[c.had:]
			}
			if c.with > 0 {
				isEmpty := func(r scriptedRead) bool { return len(r.data) == 0 }
				s.script.change(func() { s.script.results = slices.DeleteFunc(s.script.results, isEmpty) })
				s.comes(data[:c.with], true)
			}
			begun, wait := time.Now(), timeout
			g.Experiment.Go(func() {
				for _, part := range c.parts {
					time.Sleep(time.Until(begun.Add(wait * time.Duration(part.at) / 100)))
					n := min(part.bytes, len(data))
					s.comes(data[:n], false)
					data = data[n:]
				}
			})
			calls = append(calls, s.call(timeout))
		}
		var late []trickle
		for i, call := range calls {
			c := left[i]
			g.Step("%s; Next may wait for %v", c.what, timeout)
			took := call.endsByTimeout()
			if took < timeout*3/2 {
				continue
			}
			late = append(late, c)
			g.Expect(attempt < attempts, grading.Finding{
				Sentence: "one-patience",
				Mistake:  "the patience begins anew within a message: " + c.what,
				Expected: "Next returns after " + story.Duration(timeout),
				Seen:     "it returns after " + story.Duration(took),
				Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
			})
		}
		if left = late; len(left) == 0 {
			return
		}
		timeout *= 2
	}
}

// arrival says that a number of bytes come, and when: at is in percent of the patience.
type arrival struct{ at, bytes int }
