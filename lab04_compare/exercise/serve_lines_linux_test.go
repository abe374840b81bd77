package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// lines are clients that ask questions of all kinds, and one that gets answers of all kinds.
func lines() []script {
	const longest = 1000
	text := func() string { return grading.Text(10) }
	return []script{
		{"asks questions of all lengths, of any bytes", func(c *client) {
			lengths := []int{0, 1, 2, longest - 1, longest, rand.N(longest), rand.N(longest), longest, 0}
			c.ask("line", "") // first of all
			for _, i := range rand.Perm(len(lengths)) {
				question := strings.ReplaceAll(string(grading.Bytes(lengths[i])), "\n", "\x00")
				c.ask("line", question)
			}
		}},
		{"asks empty questions again and again", func(c *client) {
			for range 50 {
				c.ask("line", "")
			}
		}},
		{"asks a long question, and sends its newline later", func(c *client) {
			question := grading.Text(longest)
			c.send(question)
			c.pass(20 * time.Millisecond)
			c.send("\n")
			c.expect("line", question)
		}},
		{"asks questions with blanks and signs at their ends", func(c *client) {
			for _, question := range []string{text() + "\r", "\r", " " + text() + " ", "\t", text() + "\x00", "\xff\xfe", "\ufeff" + text(), "ping", "quit", text()} {
				c.ask("line", question)
			}
		}},
		{"asks questions that begin with each byte", func(c *client) {
			var all []string
			for b := range 256 {
				if b != '\n' {
					all = append(all, string([]byte{byte(b)})+grading.Text(4))
				}
			}
			c.send(strings.Join(all, "\n") + "\n")
			for _, question := range all {
				c.expect("line", question)
			}
		}},
		{"is answered by a line of blanks and signs, or by an empty one", func(c *client) {
			for _, want := range []string{"", " ", "%d\\n\r", "pong", "\x00"} {
				question := text()
				p := c.hold(question)
				p.text = &want
				close(p.goOn)
				c.send(question + "\n")
				if got := c.line("line"); got != want {
					c.fail(grading.Finding{
						Sentence: "line", Mistake: "the answer isn't the line that the function answer makes",
						Expected: brief(want), Seen: brief(got),
					})
				}
			}
		}},
		{"sends what is almost a pong", func(c *client) {
			for _, question := range []string{text(), "pongs", "Pong", "pongpong", "po", " pong", "pong ", "pong\r"} {
				c.ask("pong", question)
			}
		}},
		{"sends pong without a ping before it", func(c *client) {
			c.never("pong", "pong")
			c.send(strings.Repeat("pong\n", longest/2))
			c.ask("pong", text())
			question := text()
			c.send("pong\npong\n" + question + "\npong\n")
			c.expect("pong", question)
			c.ask("pong", text())
		}},
		{"asks the same question twice, each time in two pieces", func(c *client) {
			question := text()
			const times = 2
			for range times {
				c.write(question[:5])
				c.pass(20 * time.Millisecond)
				c.send(question[5:] + "\n")
				c.expect("line", question)
			}
			if calls := c.calls(question); calls != times {
				c.fail(grading.Finding{
					Sentence: "line", Mistake: "the function answer isn't called once for each question",
					Expected: fmt.Sprintf("%d calls for a question that is asked %[1]d times", times), Seen: story.Count(calls, "call"),
				})
			}
		}},
		{"asks two questions at once, and the second answer takes its time", func(c *client) {
			first, second := text(), text()
			p := c.hold(second)
			c.send(first + "\n" + second + "\n")
			if got := c.line("at-once"); got != c.usual(first) {
				c.fail(grading.Finding{
					Sentence: "at-once", Mistake: "an answer isn't sent while the next one is computed", Expected: brief(c.usual(first)), Seen: brief(got),
				})
			}
			close(p.goOn)
			c.expect("at-once", second)
		}},
		{"asks very many short questions at once, and many of them are empty", func(c *client) {
			var all []string
			for range 1500 {
				all = append(all, []string{"", "", "a", "bc"}[rand.N(4)])
			}
			c.send(strings.Join(all, "\n") + "\n")
			for _, question := range all {
				c.expect("at-once", question)
			}
		}},
		{"asks as many questions at once as fill a buffer", func(c *client) {
			for question, n := grading.Text(511), 1; n <= 128; n *= 2 {
				c.send(strings.Repeat(question+"\n", n))
				for range n {
					c.expect("at-once", question)
				}
			}
		}},
		{"asks what another client asks at the same time", askingTheSame},
		{"asks questions of more than a MiB in all", func(c *client) {
			const rounds, each, length = 30, 40, 900
			for range rounds {
				question := grading.Text(length)
				c.send(strings.Repeat(question+"\n", each))
				for range each {
					c.expect("at-once", question)
				}
			}
		}},
		{"asks fifty questions, in pieces that begin and end anywhere", func(c *client) {
			c.askAll(50, 20, func(all string) {
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

// askingTheSame asks a question while the function answer runs for the same question of another client.
func askingTheSame(c *client) {
	question := grading.Text(10)
	p, other := c.hold(question), c.connect(c.what)
	defer other.conn.Close()
	other.send(question + "\n")
	other.awaitAsked(p)
	c.send(question + "\n")
	for began := time.Now(); c.calls(question) < 2 && time.Since(began) < grading.Patience; {
		c.pass(2 * time.Millisecond)
	}
	inTime := c.calls(question) > 1
	close(p.goOn)
	other.expect("line", question)
	if c.expect("line", question); !inTime {
		c.fail(grading.Finding{
			Sentence: map[bool]string{true: "together", false: "line"}[c.calls(question) == 2],
			Mistake:  "the function answer isn't called for a question while it runs for the same question of another client",
			Expected: "it is called once for each question, for several clients at the same time", Seen: story.Count(c.calls(question), "call"),
		})
	}
}

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
		{"asks for a long answer, and reads it later than limits.Question", func(c *client) {
			c.askMuch()
			c.pass(question * 5 / 2)
			c.expectLong("answer", moreThanBuffersHold)
		}},
		{"waits for an answer that takes longer than all limits", func(c *client) { c.waitFor(c.limits.Answer) }},
	}
}

// askingForMany asks for three long answers at once. If the function answer is called for all of them at once, the server's kernel
// must take the second one in time, too, although the client reads the first one late.
func askingForMany(limit time.Duration) script {
	return script{"asks for three long answers at once, and reads each when limits.Answer is nearly over", func(c *client) {
		all := []string{grading.Text(10), grading.Text(10), grading.Text(10)}
		var plans []*plan
		for _, question := range all {
			plans = append(plans, c.long(question, moreThanBuffersHold))
		}
		c.conn.SetReadBuffer(smallBuffer)
		c.send(strings.Join(all, "\n") + "\n")
		c.awaitAsked(plans[0])
		c.pass(limit * 7 / 10)
		select {
		case <-plans[1].asked:
			c.since = plans[1].at
			c.scripts.Go(func() {
				c.lines.ReadString('\n')
				c.pass(limit * 7 / 10)
				c.lines.ReadString('\n')
			})
			c.expectGone("answer", 0, limit) // even sooner, if a busy machine reads the first answer too late
		default: // this client is in time
		}
	}}
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
