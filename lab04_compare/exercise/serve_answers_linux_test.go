package exercise_test

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// plan is what the function answer does for a question.
type plan struct {
	never string        // the sentence that Serve breaks if it calls answer with this text
	long  int           // bytes in the answer, if it is a long one
	text  *string       // the answer, if it isn't the usual one
	first sync.Once     // call of answer
	asked chan struct{} // closed when answer is called
	at    time.Time     // when answer was called
	goOn  chan struct{} // closed when answer may return
	takes time.Duration // how long answer takes after that
}

// calls returns how many times the function answer was called with a question.
func (v *server) calls(question string) int {
	v.planning.Lock()
	defer v.planning.Unlock()
	return v.called[question]
}

// usual returns the answer to a question without a plan.
func (v *server) usual(question string) string { return v.name + " says: " + question }

func (v *server) answer(question []byte) answered {
	v.planning.Lock()
	p := v.plans[string(question)]
	v.called[string(question)]++
	v.planning.Unlock()
	if p == nil {
		return answered{[]byte(v.usual(string(question))), 1}
	}
	if p.never != "" {
		v.reject(grading.Finding{
			Sentence: p.never,
			Mistake:  "the function answer is called with what isn't a question",
			Expected: "it is called with whole questions only",
			Seen:     fmt.Sprintf("it is called with %s", brief(string(question))),
		}, false)
		return answered{}
	}
	p.first.Do(func() {
		p.at = time.Now()
		close(p.asked)
	})
	select {
	case <-p.goOn:
	case <-v.going.Done():
	}
	time.Sleep(p.takes)
	if p.text != nil {
		return answered{[]byte(*p.text), 1}
	}
	if p.long > 0 {
		return answered{[]byte("!"), p.long}
	}
	return answered{[]byte(v.usual(string(question))), 1}
}

// leaving are clients that end their connections.
func leaving() []script {
	return []script{
		{"asks twice, and ends its half of the connection", func(c *client) {
			first, second := grading.Text(10), grading.Text(10)
			c.send(first + "\n" + second + "\n")
			c.closeWrite()
			c.expect("leaves", first)
			c.expect("leaves", second)
			c.expectEnd("leaves")
		}},
		{"asks, and leaves in the middle of the next question", func(c *client) {
			question, half := grading.Text(10), grading.Text(10)
			c.never("leaves", half)
			c.send(question + "\n" + half)
			c.closeWrite()
			c.expect("leaves", question)
			c.expectEnd("leaves")
		}},
		{"asks for a long answer, ends its half of the connection, and reads late", func(c *client) {
			question := grading.Text(10)
			p := c.long(question, 1<<20)
			c.conn.SetReadBuffer(smallBuffer)
			c.send(question + "\n")
			c.closeWrite()
			c.awaitAsked(p)
			const late = 500 * time.Millisecond // or until the server closes the connection
			for began := time.Now(); time.Since(began) < late && !c.isClosedByServer(began); {
				c.pass(10 * time.Millisecond)
			}
			c.expectLong("leaves", 1<<20)
			c.expectEnd("leaves")
		}},
		{"leaves without asking", func(c *client) {
			c.closeWrite()
			c.expectEnd("leaves")
		}},
		{"asks, and resets the connection", func(c *client) {
			c.ask("leaves", grading.Text(10))
			c.conn.SetLinger(0)
			c.conn.Close()
		}},
	}
}

// expectLong expects the whole of a long answer.
func (c *client) expectLong(sentence string, bytes int) {
	if got := c.line(sentence); len(got) != bytes {
		c.fail(grading.Finding{
			Sentence: sentence,
			Mistake:  "a part of a long answer is missing, for a client that " + c.what,
			Expected: story.Count(bytes, "byte"),
			Seen:     story.Count(len(got), "byte"),
		})
	}
}

// moreThanBuffersHold is the number of bytes in an answer that the kernel can't take at once: tcp_wmem and tcp_rmem in
// tcp(7). smallBuffer is the size of the client's receive buffer.
const (
	moreThanBuffersHold = 10 << 20
	smallBuffer         = 64 << 10
)

// largeAnswer is the number of bytes in an answer that the server's kernel takes at once, and the buffer of a client doesn't hold.
const largeAnswer = 300_000

// askMuch asks a question whose answer is longer than buffers hold.
func (c *client) askMuch() { c.askFor(moreThanBuffersHold) }

// askFor asks a question whose answer has so many bytes. The client's buffer is small.
func (c *client) askFor(bytes int) {
	question := grading.Text(10)
	p := c.long(question, bytes)
	c.conn.SetReadBuffer(smallBuffer)
	c.send(question + "\n")
	c.awaitAsked(p)
	c.since = p.at
}

// awaitFirstByte reads the first byte of an answer: the server is writing it.
func (c *client) awaitFirstByte() {
	c.conn.SetReadDeadline(time.Now().Add(c.longest()))
	if _, err := c.lines.ReadByte(); err != nil {
		c.perhaps(grading.Finding{
			Sentence: "together", Mistake: "nothing comes for a client that " + c.what, Expected: "an answer", Seen: err.Error(),
		})
	}
}

// takingAnswers are clients that read their answers in time, too slowly, or not at all, and clients that wait for theirs.
func takingAnswers(limit time.Duration) []script {
	return []script{
		{"asks for a long answer, and does not read it", func(c *client) {
			c.ask("answer", grading.Text(10))
			c.askMuch()
			c.expectGone("answer", limit, limit)
		}},
		{"asks for a long answer, ends its half of the connection, and does not read it", func(c *client) {
			c.askMuch()
			c.closeWrite()
			c.expectGone("answer", limit, limit)
		}},
		{"asks for a long answer, and reads a little now and then", func(c *client) {
			c.askMuch()
			c.scripts.Go(func() {
				for err := error(nil); err == nil; c.pass(limit / 40) {
					_, err = c.conn.Read(make([]byte, smallBuffer))
				}
			})
			c.expectGone("answer", limit, limit)
		}},
		{"asks for a long answer, and reads it in time, twice", func(c *client) {
			for range 2 {
				c.askMuch()
				c.pass(limit / 2)
				c.expectLong("answer", moreThanBuffersHold)
			}
			c.pass(limit / 2)
			c.ask("answer", grading.Text(10))
		}},
		{"asks for an answer that its buffer doesn't hold, and reads it after limits.Answer", func(c *client) {
			c.askFor(largeAnswer)
			c.pass(limit * 13 / 10)
			c.expectLong("answer", largeAnswer)
			c.ask("answer", grading.Text(10))
		}},
		{"asks for an answer that its buffer doesn't hold, ends its half of the connection, and reads after limits.Answer", func(c *client) {
			c.askFor(largeAnswer)
			c.closeWrite()
			c.pass(limit * 16 / 10)
			c.expectLong("leaves", largeAnswer)
			c.expectEnd("leaves")
		}},
		{"waits for an answer that takes its time", func(c *client) { c.waitFor(limit * 12 / 10) }},
		{"asks three questions at once, whose answers take their time", func(c *client) {
			var plans []*plan
			all := []string{grading.Text(10), grading.Text(10), grading.Text(10)}
			for _, question := range all {
				plans = append(plans, c.hold(question))
			}
			c.send(strings.Join(all, "\n") + "\n")
			for i, p := range plans {
				c.awaitAsked(p)
				c.pass(limit * 7 / 10)
				close(p.goOn)
				c.expect("answer", all[i])
			}
		}},
		{"ends its half of the connection while its answer is computed", func(c *client) {
			question := grading.Text(10)
			p := c.hold(question)
			c.send(question + "\n")
			c.awaitAsked(p)
			c.closeWrite()
			c.pass(limit * 13 / 10) // longer than the client before this one waits, so that a finding on that client comes first
			close(p.goOn)
			c.expect("leaves", question)
			c.expectEnd("leaves")
		}},
	}
}

// waitFor asks a question whose answer takes a while, and two more questions meanwhile.
func (c *client) waitFor(while time.Duration) {
	question := grading.Text(10)
	next, last := grading.Text(10), grading.Text(10)
	p := c.hold(question)
	c.send(question + "\n" + next + "\n" + last[:2]) // the server may take the rest later
	c.awaitAsked(p)
	c.write(last[2:5])
	c.pass(while)
	c.write(last[5:] + "\n")
	close(p.goOn)
	for _, question := range []string{question, next, last} {
		c.expect("computing", question)
	}
}
