package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// howItEnds is what ends a Serve.
type howItEnds string

const (
	byContext  howItEnds = "ctx ends"
	byListener howItEnds = "somebody closes the listener"
)

// ends brings clients into every state that the server may wait in, and ends it.
func (s *siege) ends(v *server, how howItEnds) {
	s.g.Step("clients are idle, in the middle of a question, waiting for an answer, and not reading theirs; %s", how)
	sentence := map[howItEnds]string{byContext: "stop", byListener: "result"}[how]
	held := v.hold(grading.Text(8))
	var waiting []*client
	v.begin(script{"is connected when " + string(how), func(idle *client) {
		idle.ask("line", grading.Text(10))
		asking := idle.connect("is in the middle of a question when " + string(how))
		asking.sendHalf(sentence)
		stuck := idle.connect("does not read its answer when " + string(how))
		stuck.askMuch()
		computing := idle.connect("waits for an answer when " + string(how))
		question := grading.Text(10)
		held = computing.hold(question)
		computing.send(question + "\n")
		computing.awaitAsked(held)
		waiting = []*client{idle, asking}
	}})
	s.mustGoOn()
	return
}
