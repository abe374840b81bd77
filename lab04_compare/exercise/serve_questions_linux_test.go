package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// This file has the clients whose questions are slow or too long, and what all clients need to ask questions.

// never notes that a text is not a question, and which sentence Serve breaks if it calls answer with this text.
func (v *server) never(sentence, text string) {
	v.planning.Lock()
	defer v.planning.Unlock()
	v.plans[text] = &plan{never: sentence}
}

// hold makes the function answer wait when it is called with a question, until the plan's goOn is closed.
func (v *server) hold(question string) *plan {
	v.planning.Lock()
	defer v.planning.Unlock()
	p := &plan{asked: make(chan struct{}), goOn: make(chan struct{})}
	v.plans[question] = p
	return p
}

// long makes the answer to a question so many bytes long.
func (v *server) long(question string, bytes int) *plan {
	p := v.hold(question)
	p.long = bytes
	close(p.goOn)
	return p
}

// slow plans a number of questions, each of whose answers takes a while. It returns their lines.
func (v *server) slow(questions int, takes time.Duration) (lines string) {
	for range questions {
		question := grading.Text(10)
		p := v.hold(question)
		p.takes = takes
		close(p.goOn)
		lines += question + "\n"
	}
	return lines
}

// awaitAsked waits until the function answer is called with the question of the plan.
func (c *client) awaitAsked(p *plan) {
	select {
	case <-p.asked:
	case <-c.going.Done():
	case <-time.After(grading.Patience):
		c.fail(grading.Finding{
			Sentence: "together",
			Mistake:  "a question isn't answered while others are silent, or wait for their own answers",
			Expected: "the function answer is called for each client as its question comes",
			Seen:     "it isn't called within " + story.Duration(grading.Patience),
		})
	}
}

func slowQuestions(limit time.Duration) []script {
	return []script{
		{"is silent at first, and then asks slowly, twice", func(c *client) {
			c.pass(limit * 11 / 10)
			for range 2 {
				question := grading.Text(10)
				c.drip(question+"\n", limit*6/10)
				c.expect("question", question)
			}
		}},
		{"hangs in the middle of a question", func(c *client) {
			c.ask("question", grading.Text(10))
			c.sendHalf("question")
			c.expectGone("question", limit, limit)
		}},
		{"sends a byte of a question now and then, and never its end", func(c *client) {
			c.send(".")
			c.scripts.Go(func() { c.trickle(limit / 10) })
			c.expectGone("question", limit, limit)
		}},
		{"sends the end of a slow question together with half of the next question, and the rest slowly", func(c *client) {
			c.endSlowly(grading.Text(10), limit)
		}},
		{"sends the end of a slow pong together with half of a question, and the rest slowly", func(c *client) { c.endSlowly("pong", limit) }},
		{"sends the middle of a question late, in large pieces, and never its end", func(c *client) {
			c.send(grading.Text(300))
			for range 2 {
				c.pass(limit * 48 / 100)
				c.write(grading.Text(300))
			}
			c.expectGone("question", limit, limit)
		}},
		{"is silent for most of limits.Question, and then asks slowly", func(c *client) {
			c.pass(limit * 7 / 10)
			question := grading.Text(10)
			c.drip(question+"\n", limit*6/10)
			c.expect("question", question)
		}},
		{"sends a pong a byte at a time, and never its end", func(c *client) {
			c.send("p")
			for _, next := range []string{"o", "n"} {
				c.pass(limit * 48 / 100)
				c.write(next)
			}
			c.expectGone("question", limit, limit)
		}},
		{"hangs in the middle of a pong", func(c *client) {
			c.send("po")
			c.expectGone("question", limit, limit)
		}},
		{"begins a question while the answer to another is computed, and hangs", func(c *client) {
			question := grading.Text(10)
			p := c.hold(question)
			c.send(question + "\n")
			c.awaitAsked(p)
			c.sendHalf("question")
			c.pass(limit / 10)
			close(p.goOn)
			c.expect("computing", question)
			c.expectGone("question", limit, limit*11/10)
		}},
		{"sends a pong together with half a question, and hangs", func(c *client) {
			c.send("pong\n" + grading.Text(10))
			c.expectGone("question", limit, limit)
		}},
		{"sends a question together with half of the next one, and hangs", func(c *client) {
			question := grading.Text(10)
			half := grading.Text(10)
			c.never("question", half)
			c.send(question + "\n" + half)
			c.expect("at-once", question)
			c.expectGone("question", limit, limit)
		}},
	}
}

// endSlowly sends a line slowly, and its end with the first half of a question. Then it sends the second half slowly.
func (c *client) endSlowly(line string, limit time.Duration) {
	question := grading.Text(10)
	c.send(line)
	c.pass(limit * 6 / 10)
	c.send("\n" + question[:5])
	if line != "pong" {
		c.expect("question", line)
	}
	c.pass(limit * 6 / 10)
	c.write(question[5:] + "\n")
	c.expect("question", question)
}

// sendHalf sends the beginning of a question. Serve must not call answer with it.
func (c *client) sendHalf(sentence string) {
	half := grading.Text(10)
	c.never(sentence, half)
	c.send(half)
}

// askAll asks a number of questions, some of them twice, and reads only then. A question has at most longest bytes.
func (c *client) askAll(questions, longest int, send func(string)) {
	var all []string
	for len(all) < questions {
		question := grading.Text(1 + rand.N(longest))
		all = append(all, slices.Repeat([]string{question}, 1+rand.N(2))...)
	}
	send(strings.Join(all, "\n") + "\n")
	c.closeWrite()               // the client still gets the answers to all of them
	const long = 5 * time.Second // far more than it takes to answer them, even on a busy machine
	began := time.Now()
	for i, question := range all {
		c.expect("at-once", question)
		if time.Since(began) > long {
			c.perhaps(grading.Finding{
				Sentence: "at-once", Mistake: "a client that asks many questions at once waits for its answers",
				Expected: "each answer is sent when Serve has it", Seen: fmt.Sprintf("%d answers in %s", i+1, story.Duration(long)),
			})
		}
	}
	c.expectEnd("leaves")
}

func tooLong(limit time.Duration) (all []script) {
	const (
		longest  = 1000
		tellable = 10 // a text of so many bytes can't be another client's question by chance
	)
	for _, length := range []int{longest + 1, longest + 2 + rand.N(100), 4096 + rand.N(100), 1<<16 + rand.N(100)} {
		for _, end := range []string{"", "\n", "\n" + grading.Text(10) + "\n"} {
			all = append(all, script{fmt.Sprintf("sends %d bytes, then %q", length, end), func(c *client) {
				c.ask("too-long", grading.Text(10))
				text := grading.Text(length)
				for _, never := range []string{text, text[:longest], text[longest:], text[longest+1:], strings.Trim(end, "\n")} {
					if len(never) >= tellable {
						c.never("too-long", never)
					}
				}
				c.send(text + end)
				c.expectGone("too-long", 0, limit)
				if line, err := c.read(); err == nil {
					c.fail(grading.Finding{
						Sentence: "too-long", Mistake: "a client that has sent too much gets an answer",
						Expected: "it gets none", Seen: brief(line),
					})
				}
			}})
		}
	}
	all = append(all, script{"sends too many bytes together with the question before them, and then a newline", func(c *client) {
		text := grading.Text(longest + 1 + rand.N(100))
		c.never("too-long", text)
		c.send(grading.Text(10) + "\n" + text + "\n")
		c.expectGone("too-long", 0, limit)
	}})
	all = append(all, script{"sends too many bytes, which are not too many characters", func(c *client) {
		text := strings.Repeat("é", longest/2+1)
		c.never("too-long", text)
		c.send(text + "\n")
		c.expectGone("too-long", 0, limit)
	}})
	return append(all, script{"sends more than a question, and then a byte now and then", func(c *client) {
		c.send(grading.Text(longest + 1))
		c.scripts.Go(func() { c.trickle(limit / 10) })
		c.expectGone("too-long", 0, limit)
	}})
}

// tooLongAtTheEnd has failed, and ends its half of the connection like a client that leaves. It comes when the others are gone:
// what is said of them says more.
func tooLongAtTheEnd() script {
	return script{"sends too many bytes, and ends its half of the connection", func(c *client) {
		c.send(grading.Text(1001))
		c.closeWrite()
		if line, err := c.read(); line != "" || err == nil || errors.Is(err, io.EOF) {
			c.fail(grading.Finding{
				Sentence: "too-long", Mistake: "a client that sends too many bytes, and ends its half of the connection, is not dropped",
				Expected: "its connection is reset: it has failed", Seen: fmt.Sprintf("%s, and %v", brief(line), err),
			})
		}
	}}
}
