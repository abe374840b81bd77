package exercise_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// What clients do that are about questions.

// never says that a text is no question.
func (v *server) never(sentence, text string) {
	v.planning.Lock()
	defer v.planning.Unlock()
	v.plans[text] = &plan{never: sentence}
}

// hold makes the function answer wait when it is called with a question.
func (v *server) hold(question string) *plan {
	v.planning.Lock()
	defer v.planning.Unlock()
	p := &plan{asked: make(chan struct{}), goOn: make(chan struct{})}
	v.plans[question] = p
	return p
}

// long makes an answer long.
func (v *server) long(question string, bytes int) *plan {
	p := v.hold(question)
	p.long = bytes
	close(p.goOn)
	return p
}

// awaitAsked waits until the function answer is called.
func (c *client) awaitAsked(p *plan) {
	select {
	case <-p.asked:
	case <-c.going.Done():
	case <-time.After(grading.Patience):
		c.fail(grading.Finding{
			Sentence: "together",
			Mistake:  "a question isn't answered while others are silent, or wait for their own answers",
			Expected: "the function answer is called for each client as its question comes",
			Seen:     "it isn't called for " + story.Duration(grading.Patience),
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
			c.scripts.Go(func() {
				for err := error(nil); err == nil; {
					c.pass(limit / 10)
					_, err = io.WriteString(c.conn, ".")
				}
			})
			c.expectGone("question", limit, limit)
		}},
		{"sends a question and a half at once, and hangs", func(c *client) {
			question := grading.Text(10)
			half := grading.Text(10)
			c.never("question", half)
			c.send(question + "\n" + half)
			c.expect("at-once", question)
			c.expectGone("question", limit, limit)
		}},
	}
}

// sendHalf sends the beginning of a question.
func (c *client) sendHalf(sentence string) {
	half := grading.Text(10)
	c.never(sentence, half)
	c.send(half)
}

func lines() []script {
	const longest = 1000
	text := func() string { return grading.Text(10) }
	return []script{
		{"asks questions of all lengths, of any bytes", func(c *client) {
			lengths := []int{0, 1, 2, longest - 1, longest, rand.N(longest), rand.N(longest), longest}
			for _, i := range rand.Perm(len(lengths)) {
				question := strings.ReplaceAll(string(grading.Bytes(lengths[i])), "\n", "\x00")
				c.ask("line", question)
			}
		}},
		{"asks questions with blanks and signs at their ends", func(c *client) {
			for _, question := range []string{text() + "\r", "\r", " " + text() + " ", "\t", text() + "\x00", "\xff\xfe", "ping", text()} {
				c.ask("line", question)
			}
		}},
		{"says what is almost a pong", func(c *client) {
			for _, question := range []string{text(), "pongs", "Pong", "pongpong", "po", " pong", "pong ", "pong\r"} {
				c.ask("pong", question)
			}
		}},
		{"says pong without having been asked", func(c *client) {
			c.never("pong", "pong")
			c.send("pong\n")
			c.ask("pong", text())
			question := text()
			c.send("pong\npong\n" + question + "\npong\n")
			c.expect("pong", question)
			c.ask("pong", text())
		}},
		{"asks fifty questions at once", func(c *client) { c.askAll(func(all string) { c.send(all) }) }},
		{"asks fifty questions, cut anywhere", func(c *client) {
			c.askAll(func(all string) {
				for len(all) > 0 {
					n := min(len(all), 1+rand.N(30))
					c.send(all[:n])
					all = all[n:]
					c.pass(time.Millisecond)
				}
			})
		}},
	}
}

// askAll asks fifty questions before it reads.
func (c *client) askAll(send func(string)) {
	var all []string
	for range 50 {
		all = append(all, grading.Text(1+rand.N(20)))
	}
	send(strings.Join(all, "\n") + "\n")
	for _, question := range all {
		c.expect("at-once", question)
	}
}

func tooLong(limit time.Duration) (all []script) {
	const (
		longest  = 1000
		tellable = 10 // bytes, which no other client happens to ask
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
			}})
		}
	}
	return all
}

// crowd are clients that are connected, and others that are answered meanwhile.
func crowd(limit time.Duration) []script {
	scripts := []script{{"waits for an answer that takes its time", func(c *client) { c.waitFor(limit * 12 / 10) }}}
	for range 50 {
		scripts = append(scripts, script{"connects, and says nothing", func(c *client) {
			c.pass(limit * 12 / 10)
			c.ask("together", grading.Text(10))
		}})
	}
	return scripts
}

// many is a client that comes when many are connected.
func many() script {
	const others = 160
	return script{fmt.Sprintf("asks while %d others are connected, and silent", others), func(c *client) {
		c.ask("line", grading.Text(10))
		for range others {
			defer c.connect("is silent").conn.Close()
		}
		last := c.connect("comes when many others are connected, and silent")
		defer last.conn.Close()
		last.ask("together", grading.Text(10))
	}}
}

// waitFor asks what takes a while to answer.
func (c *client) waitFor(while time.Duration) {
	question := grading.Text(10)
	p := c.hold(question)
	c.send(question + "\n")
	c.awaitAsked(p)
	c.pass(while)
	close(p.goOn)
	c.expect("computing", question)
	c.ask("computing", grading.Text(10))
}

// asking asks while the answers to two others are not there yet, and a third one does not read its own.
func asking() script {
	return script{"asks while others wait for their answers, or do not read them", func(c *client) {
		c.ask("line", grading.Text(10))
		first, second := grading.Text(10), grading.Text(10)
		c.send(first + "\n" + second + "\n")
		c.expect("at-once", first)
		c.expect("at-once", second)
		for range 2 {
			other := c.connect("comes when others are connected, and silent")
			question := grading.Text(10)
			p := other.hold(question)
			other.send(question + "\n")
			other.awaitAsked(p)
			defer func() {
				close(p.goOn)
				other.expect("together", question)
				other.conn.Close()
			}()
		}
		stuck := c.connect("does not read its answer")
		defer stuck.conn.Close()
		stuck.askMuch()
		stuck.awaitFirstByte()
		c.ask("together", grading.Text(10))
	}}
}
