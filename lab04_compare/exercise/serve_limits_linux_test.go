package exercise_test

import (
	"time"

	"socketlabs/harness/grading"
)

// This file has the clients of servers whose limits are very short, or very long.

// hasty are clients of a server whose limits are all short. The limit of a question is the shortest.
func hasty(question time.Duration) []script {
	return []script{
		{"answers a ping with one byte, and hangs", func(c *client) {
			c.expectPing("ping")
			c.send(".")
			c.expectGone("question", 0, question)
		}},
		{"answers a ping late with one byte, and sends the rest in time", func(c *client) {
			c.expectPing("ping")
			text := grading.Text(10)
			c.pass(question * 8 / 10)
			c.write(text[:1])
			c.pass(question * 5 / 10)
			c.send(text[1:] + "\n")
			c.expect("alive", text)
		}},
		{"waits for an answer that takes longer than all limits", func(c *client) { c.waitFor(c.limits.Answer) }},
	}
}

// takingTime is a client of a server whose limits, except Quiet, are as long as a Duration can be.
func takingTime(quiet time.Duration) script {
	return script{"takes its time to answer a ping", func(c *client) {
		c.expectPing("ping")
		c.pass(quiet / 2)
		c.write("p")
		c.pass(quiet / 2)
		c.send("ong\n")
		c.ask("alive", grading.Text(10))
	}}
}

// hasted are clients of a server whose limits.Answer is very short.
func hasted(answer time.Duration) []script {
	return []script{{"hangs, and limits.Answer is short", func(c *client) {
		c.expectPing("ping")
		c.since = time.Now()
		c.expectGone("hung", 0, answer)
	}}, {"waits for an answer that takes its time, ten times limits.Answer", func(c *client) { c.waitFor(10 * answer) }}}
}
