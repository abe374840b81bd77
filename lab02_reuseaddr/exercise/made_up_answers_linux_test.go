package exercise_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"socketlabs/harness/grading"
)

// inTable calls WhoHolds with a made-up table: first for one address after the other, and then for several at the same time.
func (w *holders) inTable() (asked []*question) {
	w.g.T().Helper()
	m := whole()
	w.g.Step("SocketTable returns another machine's table of %d entries; WhoHolds is called for %d addresses", len(m.table), len(m.asked))
	asked = w.askIn(m, false)
	w.g.Step("several goroutines call WhoHolds at the same time")
	for range 4 {
		asked = append(asked, w.askIn(m.few(8), true)...)
	}
	return asked
}

// few returns the same table with only n of the questions, chosen at random.
func (m *madeUp) few(n int) (few *madeUp) {
	rand.Shuffle(len(m.asked), func(i, j int) { m.asked[i], m.asked[j] = m.asked[j], m.asked[i] })
	return &madeUp{table: m.table, asked: m.asked[:n]}
}

// askIn calls WhoHolds for the addresses of the questions, while SocketTable returns the made-up table. It returns the questions
// with the answers.
func (w *holders) askIn(m *madeUp, concurrent bool) (asked []*question) {
	w.g.T().Helper()
	a := asking{Table: m.table, Concurrent: concurrent}
	for _, q := range m.asked {
		a.Addresses = append(a.Addresses, q.address)
	}
	before := w.g.Holdings().Goroutines
	var got answers
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it hangs, or waits for the table to change",
		Expected: "answers at once: the table is there to be read",
	}, func() { got = whoHoldsInTable.On(w.g, a) })
	returned := time.Now()
	eventually(func() bool {
		now := w.g.Holdings().Goroutines
		maps.DeleteFunc(now, func(one, _ string) bool { return before[one] != "" })
		return len(now) == 0
	})
	w.lingers = min(w.lingers, time.Since(returned))
	w.touched = w.touched || got.Touched
	for i, q := range m.asked {
		q := *q
		q.got, q.after = got.All[i], slices.Clone(q.table)
		if concurrent {
			q.f.Sentence, q.situation = "goroutines", "other goroutines call WhoHolds, too, and "+q.situation
		}
		asked = append(asked, &q)
	}
	return asked
}
