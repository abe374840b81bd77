package exercise_test

import (
	"bytes"
	"fmt"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// expectSame says where what was received differs from what was sent.
func expectSame(g *grading.Grader, sent, got []byte) {
	if bytes.Equal(sent, got) {
		return
	}
	f := grading.Finding{
		Sentence: "sends-all",
		Mistake:  "the server has not read what was to be sent",
		Expected: fmt.Sprintf("the data, %s", story.Count(len(sent), "byte")),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	}
	differ := 0
	for differ < min(len(sent), len(got)) && sent[differ] == got[differ] {
		differ++
	}
	const enough = 64
	rest := got[differ:]
	switch {
	case len(rest) == 0:
		f.Mistake = "the rest is lost"
		f.Seen = fmt.Sprintf("the first %d of them", len(got))
	case len(rest) >= enough && bytes.Contains(sent[differ:], rest[:enough]):
		f.Mistake = "some of it is lost in the middle"
		f.Seen = fmt.Sprintf("%s, and at byte %d some are missing", story.Count(len(got), "byte"), differ)
	case len(rest) >= enough && bytes.Contains(sent[:differ], rest[:enough]):
		f.Mistake = "the server has some of it twice"
		f.Seen = fmt.Sprintf("%s, and at byte %d some begins again that was there before", story.Count(len(got), "byte"), differ)
	default:
		f.Seen = fmt.Sprintf("%s, and at byte %d others follow", story.Count(len(got), "byte"), differ)
	}
	g.Expect(false, f)
}
