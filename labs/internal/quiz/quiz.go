// Package quiz is the verb quiz: it asks what segments of recorded runs mean, and what comes next. The questions and their
// answers come from the record; only their wording is written by hand.
//
//	command.go the verb
//	quiz.go    a quiz, and the stories that it is made from
//	blanks.go  questions about a blank in a segment
//	silence.go questions about what ends a silence, and what a side waits for
//	text.go    a quiz as a file to fill in
package quiz

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"

	"socketlabs/harness/story"
)

// Folder is the folder of the stories in the module.
const Folder = "labs/internal/quiz/stories"

//go:embed stories/*.json
var stories embed.FS

// Told are the experiments that quizzes are made from, by lab.
var Told = map[string][]string{
	"lab01_timeout":   {"TestRTOMaxBoundsRetransmission", "TestSendTimeoutFreesSender", "TestDataBeforeResetCanBeRead"},
	"lab02_reuseaddr": {"TestHalfCloseStillReceives", "TestLingerBlocksClose", "TestTimeWaitAnswersFINAgain", "TestWithoutTimeWaitFINIsReset"},
	"lab03_keepalive": {"TestVanishedPeerOnTheWire", "TestDataInFlightSilencesProbes", "TestRebootedPeerAnswersFirstProbeWithReset",
		"TestOutageShorterThanProbesIsSurvived", "TestStalledReaderIsNoDeadPeer"},
	"lab04_compare": {"TestKeepaliveAndUserTimeoutCoverEachOther", "TestHungApplicationAnswersProbes", "TestTimeoutDropsHealthyIdlePeer"},
}

// File is the name of a story in Folder.
func File(lab, test string) string { return lab + "_" + test + ".json" }

// Numbers is the highest number of a quiz. The lowest is 1.
const Numbers = 99_999

// Quiz is questions about two runs.
type Quiz struct {
	Lab    string
	Number int
	Parts  []Part
}

// Part is the segments of a run, with blanks, and questions about them.
type Part struct {
	Test      string // lab/test
	Rows      []string
	Questions []Question
}

// Question has one right answer.
type Question struct {
	Text    string
	Choices []string
	Right   int    // among the choices
	Shown   string // the segment with the answer; empty if it would also answer the next question
}

// Questions are the questions of all parts.
func (q *Quiz) Questions() (all []Question) {
	for _, p := range q.Parts {
		all = append(all, p.Questions...)
	}
	return all
}

// Draw returns the quiz of a lab with this number. It is always the same, unless the record changes.
func Draw(lab string, number int) (*Quiz, error) {
	tests := slices.Clone(Told[lab])
	if len(tests) == 0 {
		return nil, fmt.Errorf("there is no quiz about %s", lab)
	}
	seed := fnv.New64()
	seed.Write([]byte(lab))
	luck := rand.New(rand.NewPCG(uint64(number), seed.Sum64()))
	luck.Shuffle(len(tests), func(i, j int) { tests[i], tests[j] = tests[j], tests[i] })
	q := &Quiz{Lab: lab, Number: number}
	const runs = 2
	for _, test := range tests[:runs] {
		segments, err := read(lab, test)
		if err != nil {
			return nil, err
		}
		d := &drawer{luck: luck, segments: segments, hidden: make(map[int]blank), shown: len(segments)}
		d.draw()
		q.Parts = append(q.Parts, Part{lab + "/" + test, d.rows(), d.questions})
	}
	return q, nil
}

// read returns the segments of a run. It decodes each run once.
func read(lab, test string) ([]story.Segment, error) {
	once, _ := decoded.LoadOrStore(File(lab, test), sync.OnceValues(func() ([]story.Segment, error) { return decode(lab, test) }))
	return once.(func() ([]story.Segment, error))()
}

var decoded sync.Map // by file: a func that returns its segments

func decode(lab, test string) (segments []story.Segment, err error) {
	text, err := stories.ReadFile("stories/" + File(lab, test))
	if err != nil {
		return nil, err
	}
	record, err := story.ReadJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", File(lab, test), err)
	}
	for _, e := range record.Events {
		if e.Segment != nil {
			e.Segment.At = e.At
			segments = append(segments, *e.Segment)
		}
	}
	return segments, nil
}

// drawer chooses the questions about one run.
type drawer struct {
	luck      *rand.Rand
	segments  []story.Segment
	hidden    map[int]blank // blanks, by the index of their segment
	shown     int           // how many segments are shown
	questions []Question
}

// draw chooses all questions. The question about what comes next must be the first, because it decides how many rows are
// shown.
func (d *drawer) draw() {
	d.askNext()
	d.askWhatFor()
	d.askMeaning()
	d.askMeaning()
	d.askSender()
	d.askAck()
}

// ask adds a question. The right answer is the first of the choices, which ask shuffles.
func (d *drawer) ask(text, shown string, choices []string) {
	right := choices[0]
	d.luck.Shuffle(len(choices), func(i, j int) { choices[i], choices[j] = choices[j], choices[i] })
	d.questions = append(d.questions, Question{text, choices, slices.Index(choices, right), shown})
}

// some returns at most so many of all, in random order.
func some[T any](luck *rand.Rand, all []T, most int) []T {
	all = slices.Clone(all)
	luck.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(most, len(all))]
}
