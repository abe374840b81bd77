package exercise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// TestServe: a server drops clients that have failed in any way of the decision table, and no healthy
// ones.
//
// Points: 20
// Read: TestDecisionTable, TestRobustServerOutlivesItsClients, TestHungApplicationAnswersProbes, lab01_timeout/TestOneDeadlineBoundsWholeExchange
// Hint: Write down what the server may be waiting for: the first byte of a line, the rest of the line, or room for
// an answer. Each of these waits has a limit of its own, so set a deadline before each.
// Hint: No option of the kernel finds a program that hangs, because the kernel of its host still answers. Look for
// the column of the decision table that finds such a program.
// Hint: A deadline is an absolute time: if you set it once for a whole question, bytes that come now and then do
// not move it. bufio.Reader's Peek waits for the first byte without taking it, and may be called again after
// a timeout; ReadSlice reads no more than the buffer holds.
// Hint: Give each client one goroutine that reads, and writes between its reads. context.AfterFunc can close the
// client's connection when ctx ends, and a WaitGroup tells when all goroutines have ended.
// Hint: After Close, the kernel goes on sending to a silent peer. SetLinger(0) before Close ends the connection at
// once, but discards what was still to be sent. So use it only for clients that have failed.
func TestServe(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, kernel.SocketTable)
	s := newSiege(t, g, 1)
	s = s.tryThrice((*siege).serveHealthy)
	s = s.tryThrice((*siege).survive)
	s.end()
}

// tryThrice runs a part of the siege. If it has a finding that a busy machine may have caused, tryThrice runs it again, in a
// siege with longer limits. A busy machine may cause a finding, but hardly three times in a row.
func (s *siege) tryThrice(part func(*siege) (perhaps *grading.Finding)) *siege {
	s.t.Helper()
	found := part(s)
	for _, times := range []time.Duration{4, 8} {
		if found == nil {
			return s
		}
		s.g.Step("perhaps this machine was too busy (%s): trying again, with limits %d times as long", found.Mistake, int(times))
		s = newSiege(s.t, s.g, times)
		found = part(s)
	}
	if found != nil {
		s.g.Expect(false, *found)
	}
	return s
}

// serveHealthy lets clients come that are healthy. Like survive, it returns a finding that a busy machine may have caused. Any other
// finding ends the grading.
func (s *siege) serveHealthy() (perhaps *grading.Finding) {
	s.sockets += s.held()
	s.g.Step("clients ask, are answered, and leave")
	questions := s.questions
	questions.begin(script{"asks, and leaves", func(c *client) {
		c.ask("line", grading.Text(10))
		c.ask("line", "")
		c.closeWrite()
		c.expectEnd("leaves")
	}}, asking(), again())
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	s.g.Expect(questions.calls("") == 1, grading.Finding{
		Sentence: "line", Mistake: "the function answer is called for an empty question that nobody has asked",
		Expected: "one call: a client has asked an empty question once, and has left later", Seen: story.Count(questions.calls(""), "call"),
	})
	questions.begin(many(), script{"asks many questions at once", func(c *client) {
		c.askAll(400, 200, func(all string) { c.send(all) })
	}})
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	s.awaitHeld(0, "leaves", "a client has left, and its descriptor stays open")
	return nil
}

// survive lets many clients come, each of which follows a script, and most of which fail.
func (s *siege) survive() (perhaps *grading.Finding) {
	questions, answers, pings := s.questions, s.answers, s.pings
	all := s.start(exercise.Limits{
		Question: s.times * 200 * time.Millisecond, Answer: s.times * 1200 * time.Millisecond, Quiet: s.times * 300 * time.Millisecond,
	}, false)
	moment := s.start(exercise.Limits{
		Question: time.Hour, Answer: s.times * 60 * time.Millisecond, Quiet: s.times * 600 * time.Millisecond,
	}, false)
	patient := s.start(exercise.Limits{
		Question: math.MaxInt64, Answer: math.MaxInt64, Quiet: s.times * grading.Between(250*time.Millisecond, 350*time.Millisecond),
	}, false)
	s.sockets += s.held()
	const long = 2100 * time.Millisecond
	began := time.Now()
	var stays *client
	s.g.Step("a client stays until the others are gone")
	s.scripts.Go(func() {
		stays = questions.connect("stays for more than two seconds, and asks again")
		stays.ask("line", grading.Text(10))
	})
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	s.sockets++ // its own
	alone := s.goroutines()

	questions.begin(crowd(questions.limits.Question)...)
	questions.begin(slowQuestions(questions.limits.Question)...)
	questions.begin(lines()...)
	questions.begin(tooLong(questions.limits.Question)...)
	questions.begin(leaving()...)
	answers.begin(append(takingAnswers(answers.limits.Answer), askingForMany(answers.limits.Answer))...)
	pings.begin(pinged(pings.limits.Quiet, pings.limits.Answer)...)
	all.begin(hasty(all.limits.Question)...)
	moment.begin(hasted(moment.limits.Answer)...)
	patient.begin(takingTime(patient.limits.Quiet))
	pings.begin(vanishing(pings.limits.Quiet, pings.limits.Answer)...)
	s.g.Step("%s come, and most of them fail; the limits are %s for a question, %s for an answer, and %s of silence",
		story.Count(s.begun, "client"), questions.limits.Question, answers.limits.Answer, pings.limits.Quiet)
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	questions.begin(tooLongAtTheEnd())
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	s.awaitHeld(0, "gone", "all clients are gone, and the descriptor of one stays open")
	s.awaitGoroutines(alone)
	time.Sleep(time.Until(began.Add(long)))
	s.scripts.Go(func() {
		stays.asksLate()
		stays.conn.Close()
	})
	if perhaps := s.await(); perhaps != nil {
		return perhaps
	}
	s.sockets--
	s.awaitHeld(0, "leaves", "a client has left, and its descriptor stays open")
	return nil
}

// startServers starts three servers in one process. Each has short limits for some things only: its other limits are as long
// as a Duration can be. So code that takes one limit for another waits forever. Code that adds two limits waits forever, or
// not at all, since the sum overflows.
func (s *siege) startServers() {
	const noLimit = math.MaxInt64
	short := func(least, most time.Duration) time.Duration { return s.times * grading.Between(least, most) }
	answer := func() time.Duration { return short(700*time.Millisecond, 900*time.Millisecond) }
	s.questions = s.start(exercise.Limits{
		Question: short(600*time.Millisecond, 800*time.Millisecond), Answer: math.MaxInt64, Quiet: noLimit,
	}, false)
	s.answers = s.start(exercise.Limits{Question: noLimit, Answer: answer(), Quiet: noLimit}, false)
	s.pings = s.start(exercise.Limits{
		Question: noLimit, Answer: answer(), Quiet: short(250*time.Millisecond, 350*time.Millisecond),
	}, true)
}

// end ends the first three servers in different states, two by their contexts and one by its listener, and then the others.
func (s *siege) end() {
	s.judgeLack(s.questions)
	ends, took := []howItEnds{byContext, byListener, byContext}, make(map[howItEnds][]haste)
	order := rand.Perm(len(ends))
	for i, which := range order {
		goOn := s.othersStay(order[i+1:])
		took[ends[i]] = append(took[ends[i]], s.servers[which].expectEnd(ends[i]))
		goOn()
	}
	s.expectHaste(byContext, took[byContext])
	s.expectHaste(byListener, took[byListener])
	s.isAlone()
	for _, v := range s.servers[len(ends) : len(ends)+3] { // their limits are too short for expectEnd
		v.mayReturn = true
		v.stop()
		v.expectReturn(byContext)
	}
	s.endsAtOnce()
	s.endsEarly()
	s.acceptFails()
	s.listenerIsLate()
}

// loopback returns a loopback address. If the family doesn't matter to the grader, it is IPv4 or IPv6, by chance.
func loopback(matters bool) string {
	if !matters && harness.BothFamilies.Missing() == "" && time.Now().UnixNano()%2 == 0 {
		return "[::1]:0"
	}
	return harness.Loopback()
}

// awaitHeld waits until the student's process holds at most so many connections of clients.
func (s *siege) awaitHeld(want int, sentence, mistake string) {
	s.t.Helper()
	held := s.held()
	for limit := time.Now().Add(grading.Patience); held > want && time.Now().Before(limit); held = s.held() {
		time.Sleep(5 * time.Millisecond)
	}
	s.g.Expect(held <= want, grading.Finding{
		Sentence: sentence,
		Mistake:  mistake,
		Expected: "no descriptor for a client that has gone",
		Seen:     story.Count(held-want, "descriptor"),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}

// held counts the sockets of the student's process, without those that it had before the first client.
func (s *siege) held() (sockets int) {
	for _, what := range s.g.Holdings().Descriptors {
		if strings.HasPrefix(what, "socket:") {
			sockets++
		}
	}
	return sockets - s.sockets
}

// goroutines counts the goroutines of the student's code.
func (s *siege) goroutines() (n int) {
	for _, where := range s.g.Goroutines() {
		if strings.HasPrefix(where, "exercise") { // a line of the student's file
			n++
		}
	}
	return n
}

func (s *siege) awaitGoroutines(alone int) {
	left := s.goroutines()
	for limit := time.Now().Add(grading.Patience); left > alone && time.Now().Before(limit); left = s.goroutines() {
		time.Sleep(5 * time.Millisecond)
	}
	s.g.Expect(left <= alone, grading.Finding{
		Sentence: "gone",
		Mistake:  "the goroutines of clients that are gone have not ended",
		Expected: fmt.Sprintf("%d, as before these clients came", alone),
		Seen:     story.Count(left, "goroutine"),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}
