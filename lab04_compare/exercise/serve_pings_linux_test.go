package exercise_test

import (
	"fmt"
	"io"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// pinged are clients that answer pings, or don't, and clients that should get no ping.
func pinged(quiet, limit time.Duration) []script {
	hangs := func(c *client) {
		c.expectPing("ping")
		if line, err := c.read(); err == nil {
			c.fail(grading.Finding{
				Sentence: "hung", Mistake: "a client that does not answer a ping is sent more",
				Expected: "it gets nothing more, and is dropped when limits.Answer has passed", Seen: brief(line),
			})
		}
		c.expectGone("hung", quiet+limit, quiet+limit)
	}
	return []script{
		{"hangs while it is idle", func(c *client) {
			c.ask("hung", grading.Text(10))
			c.send("pong\n") // answers no ping
			c.expectPing("ping")
			c.send("pong\n")
			hangs(c)
		}},
		{"never says anything", hangs},
		{"is idle, and answers each ping", func(c *client) {
			c.ask("ping", grading.Text(10))
			for range 5 {
				c.expectPing("ping")
				c.send("pong\n")
			}
			c.ask("ping", grading.Text(10))
		}},
		{"answers a ping twice", func(c *client) {
			c.never("pong", "pong")
			c.ask("ping", grading.Text(10))
			c.expectPing("ping")
			c.send("pong\npong\n")
			c.ask("pong", grading.Text(10))
		}},
		{"gets a ping, and leaves", func(c *client) {
			c.expectPing("ping")
			c.closeWrite()
			c.expectEnd("leaves")
		}},
		{"has answered a ping when it leaves", func(c *client) {
			c.expectPing("ping")
			c.send("pong\n")
			c.ask("leaves", grading.Text(10))
			c.closeWrite()
			c.expectEnd("leaves")
		}},
		{"answers a ping slowly", func(c *client) {
			c.expectPing("ping")
			c.drip("pong\n", quiet*14/10)
			c.expectPing("alive")
			c.send("pong\n")
			c.ask("alive", grading.Text(10))
		}},
		{"answers a ping with a question", func(c *client) {
			for range 2 {
				c.expectPing("ping")
				c.ask("alive", grading.Text(10))
			}
		}},
		{"answers a ping with an empty question, twice", func(c *client) {
			for range 2 {
				c.expectPing("ping")
				c.ask("alive", "")
			}
			c.expectPing("ping")
			c.send("pong\n")
			c.ask("alive", grading.Text(10))
		}},
		{"answers a ping with one byte, and takes its time for the rest", func(c *client) {
			c.expectPing("ping")
			question := grading.Text(10)
			c.write(question[:1])
			c.pass(limit * 12 / 10)
			c.send(question[1:] + "\n")
			c.expect("alive", question)
		}},
		{"takes its time in the middle of a question", func(c *client) {
			question := grading.Text(10)
			c.send(question[:5])
			c.pass(quiet * 15 / 10)
			c.send(question[5:] + "\n")
			c.expect("not-early", question)
		}},
		{"asks again before a ping comes", func(c *client) {
			for _, question := range []string{grading.Text(10), "", grading.Text(10), ""} {
				c.ask("not-early", question)
				c.pass(quiet * 6 / 10)
			}
			c.expectPing("not-early")
		}},
		{"sends pong before a ping comes", func(c *client) {
			for range 3 {
				c.pass(quiet * 6 / 10)
				c.send("pong\n")
			}
			c.expectPing("not-early")
		}},
		{"asks for a long answer, and reads it late", func(c *client) {
			c.askMuch()
			c.pass(max(quiet*12/10, limit/2))
			c.since = time.Now() // until now, the kernel can't have taken all of the answer
			c.expectLong("not-early", moreThanBuffersHold)
			c.expectPing("not-early")
		}},
		{"answers a ping with a question whose answer takes its time", func(c *client) {
			c.expectPing("ping")
			c.waitFor(limit * 12 / 10)
		}},
		{"waits for an answer that takes its time", func(c *client) {
			question, next := grading.Text(10), grading.Text(10)
			p := c.hold(question)
			c.send(question + "\n" + next + "\npong\n")
			c.awaitAsked(p)
			c.pass(quiet * 15 / 10)
			c.since = time.Now()
			close(p.goOn)
			c.expectAnswerFirst(question)
			c.expect("computing", next)
			c.expectPing("not-early")
		}},
		{"sends pong while its answer is computed", func(c *client) {
			question := grading.Text(10)
			p := c.hold(question)
			c.send(question + "\n")
			c.awaitAsked(p)
			c.send("pong\n")
			c.pass(quiet * 15 / 10)
			close(p.goOn)
			c.expectAnswerFirst(question)
		}},
	}
}

// expectAnswerFirst expects the answer to a question. No ping may have come while it was computed.
func (c *client) expectAnswerFirst(question string) {
	if got := c.line("computing"); got != c.usual(question) {
		c.perhaps(grading.Finding{
			Sentence: "computing", Mistake: "a client is sent something else while its answer is computed",
			Expected: brief(c.usual(question)), Seen: brief(got),
		})
	}
}

// vanishing are clients whose hosts vanish, crash, or are out of reach for a moment.
func vanishing(quiet, limit time.Duration) []script {
	return []script{
		{"is idle when its host vanishes", func(c *client) {
			c.ask("gone", grading.Text(10))
			link.Vanish(c.g.Experiment, c.conn)
			c.expectGone("gone", quiet, quiet+limit)
		}},
		{"has asked when its host vanishes", func(c *client) {
			c.ask("gone", grading.Text(10))
			link.Vanish(c.g.Experiment, c.conn)
			c.send(grading.Text(10) + "\n")
			c.expectGone("gone", quiet, quiet+limit)
		}},
		{"is idle when its host crashes and comes back", func(c *client) {
			c.ask("gone", grading.Text(10))
			link.Forget(c.g.Experiment, c.conn)
			c.expectGone("gone", 0, quiet+limit)
		}},
		{"is out of reach for a moment, and comes back", func(c *client) {
			c.ask("hung", grading.Text(10))
			link.Vanish(c.g.Experiment, c.conn)
			question := grading.Text(10)
			c.send(question + "\n")
			c.pass(quiet * 8 / 10)
			link.Return(c.g.Experiment, c.conn)
			c.expect("hung", question)
		}},
	}
}

// expectGone waits until the server's kernel has nothing left of the client. The times count from the moment when the client
// last sent something: that must not happen before least has passed, nor long after most has passed.
func (c *client) expectGone(sentence string, least, most time.Duration) {
	address := [2]string{c.address, c.conn.LocalAddr().String()}
	for began := time.Now(); ; c.pass(10 * time.Millisecond) {
		now := c.tableSince(began)
		switch state := now.states[address]; {
		case now.states == nil:
		case state != "" && time.Since(c.since) > most+grading.Patience:
			c.failHeld(sentence, state)
		case state != "":
		case now.to.Sub(c.since) < least:
			c.fail(grading.Finding{
				Sentence: sentence,
				Mistake:  "a client is dropped before its time is over: one that " + c.what,
				Expected: "the server waits for " + story.Duration(least),
				Seen:     "it is dropped after " + story.Duration(now.to.Sub(c.since)),
			})
		default:
			c.expectInTime(sentence, "a client is dropped late: one that "+c.what, c.since, most)
			return
		}
	}
}

// expectInTime judges something that has just happened: it should not have happened long after the end of a limit that began
// at the given moment, or before.
func (c *client) expectInTime(sentence, mistake string, began time.Time, limit time.Duration) {
	busy := 100 * time.Millisecond * (1 + c.times)
	if took := time.Since(began); took > limit*3/2+busy {
		c.perhaps(grading.Finding{
			Sentence: sentence, Mistake: mistake,
			Expected: "after " + story.Duration(limit), Seen: "after " + story.Duration(took),
		})
	}
}

// trickle sends a byte after each pause, until that fails.
func (c *client) trickle(pause time.Duration) {
	for err := error(nil); err == nil; {
		c.pass(pause)
		_, err = io.WriteString(c.conn, ".")
	}
}

func (c *client) failHeld(sentence string, state kernel.SocketState) {
	f := grading.Finding{
		Sentence: sentence,
		Mistake:  "the server still holds a client that " + c.what,
		Expected: "nothing is left of it",
		Seen:     fmt.Sprintf("its connection is %s, %s after it last sent something", state, story.Duration(time.Since(c.since).Round(time.Second))),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	if state != kernel.Established && state != kernel.CloseWait {
		f.Sentence = "gone"
		f.Mistake = "the program has closed a connection, and the kernel still has it: that of a client that " + c.what
		f.Read = "lab02_reuseaddr/TestLingerZeroLosesData"
	}
	c.fail(f)
}
