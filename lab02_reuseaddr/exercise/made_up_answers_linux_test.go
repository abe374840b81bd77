package exercise_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
	"socketlabs/lab02_reuseaddr/exercise"
)

// inTable calls WhoHolds with a made-up table: first for one address after the other, and then for several at the same time.
func (w *holders) inTable() (asked []*question) {
	w.g.T().Helper()
	m := whole()
	m.asked = append(m.asked, w.listensHere(m))
	w.g.Step("SocketTable returns another machine's table of %d entries; WhoHolds is called for %d addresses", len(m.table), len(m.asked))
	for some := range slices.Chunk(m.asked, 60) { // few at a time: a busy machine must not make one call late
		asked = append(asked, w.askIn(&madeUp{table: m.table, asked: some}, false)...)
	}
	asked = append(asked, w.alone(m)...)
	w.g.Step("several goroutines call WhoHolds at the same time")
	for range 4 {
		asked = append(asked, w.askIn(m.few(8), true)...)
	}
	return asked
}

// alone calls WhoHolds with small tables: each has only the entries of one situation. One of them is empty.
func (w *holders) alone(m *madeUp) (asked []*question) {
	w.g.T().Helper()
	w.g.Step("SocketTable returns tables with few entries, or with none")
	empty := m.asked[slices.IndexFunc(m.asked, func(q *question) bool { return len(q.table) == 0 })]
	small := &madeUp{alone: true}
	for _, q := range append(m.few(30).asked, empty) {
		q := *q
		q.situation += ", and nothing else is in the table"
		if len(q.table) == 0 {
			q.situation = "the table is empty"
		}
		small.asked = append(small.asked, &q)
	}
	here := w.listensHere(m)
	here.situation = "the table is empty, and a server of this machine listens at the address"
	small.asked = append(small.asked, here)
	return w.askIn(small, false)
}

// listensHere returns a question about an address where a server of this machine listens. The made-up table has no entry with this port.
func (w *holders) listensHere(m *madeUp) *question {
	w.g.T().Helper()
	for {
		at := addressOf(w.listen(grading.AnyHost()).Addr())
		if !slices.ContainsFunc(m.table, func(s kernel.Socket) bool { return s.Local.Port() == at.Port() || s.Remote.Port() == at.Port() }) {
			return &question{
				f:         grading.Finding{Sentence: "nobody"},
				situation: "no socket of another machine's table is at the address, and a server of this machine listens there",
				address:   at,
				want:      exercise.Nobody,
			}
		}
	}
}

// changesMeanwhile: a server begins to listen while a call of WhoHolds reads the table. A second call begins after that.
func (w *holders) changesMeanwhile() {
	w.g.T().Helper()
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + rand.IntN(200))}), uint16(1+rand.IntN(65535)))
	before, after := new(madeUp), new(madeUp)
	before.connections(at, some, open...)
	after.connections(netip.AddrPortFrom(another(at.Addr()), at.Port()), some-1, open...)
	after.listener(at.Addr(), at.Port())
	w.g.Step("while SocketTable reads the table, connections end, a server begins to listen, and WhoHolds is called once more: %v", at)
	var all [4]holding
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it hangs, or waits for the table to change",
		Expected: "answers at once: the table is there to be read",
	}, func() { all = whoHoldsOvertaken.On(w.g, overtaking{at, before.table, after.table}) })
	w.g.Expect(all[1].Holder == exercise.Listener && all[1].Err == nil, grading.Finding{
		Sentence: "listener",
		Mistake:  "the answer is about a table that was read before the call",
		Expected: fmt.Sprintf("%q: each call reads the table itself", exercise.Listener),
		Seen:     fmt.Sprintf("%q, %v", all[1].Holder, all[1].Err.Err()),
	})
	w.g.Expect(slices.Contains([]exercise.Holder{exercise.OpenConnection, exercise.Listener}, all[0].Holder), grading.Finding{
		Sentence: "connection",
		Mistake:  "the answer is put together from two tables: a call reads the table more than once, and the table changes meanwhile",
		Expected: fmt.Sprintf("%q, as in the first table, or %q, as in the second", exercise.OpenConnection, exercise.Listener),
		Seen:     fmt.Sprintf("%q, %v", all[0].Holder, all[0].Err.Err()),
	})
	for i, want := range []exercise.Holder{exercise.Listener, exercise.OpenConnection} {
		got := all[2+i]
		w.g.Expect(got.Holder == want && got.Err == nil, grading.Finding{
			Sentence: []string{"listener", "connection"}[i],
			Mistake:  "the answer is about the table of an earlier call, which had as many entries",
			Expected: fmt.Sprintf("%q: each call reads the table itself", want),
			Seen:     fmt.Sprintf("%q, %v", got.Holder, got.Err.Err()),
		})
	}
}

// few returns the same table with only n of the questions, chosen at random.
func (m *madeUp) few(n int) (few *madeUp) {
	rand.Shuffle(len(m.asked), func(i, j int) { m.asked[i], m.asked[j] = m.asked[j], m.asked[i] })
	return &madeUp{table: m.table, asked: slices.Clone(m.asked[:n])}
}

// askIn calls WhoHolds for the addresses of the questions, while SocketTable returns the made-up table. It returns the questions
// with the answers.
func (w *holders) askIn(m *madeUp, concurrent bool) (asked []*question) {
	w.g.T().Helper()
	a := asking{Table: m.table, Concurrent: concurrent}
	for _, q := range m.asked {
		a.Addresses = append(a.Addresses, q.address)
		if m.alone {
			a.Own = append(a.Own, q.table)
		}
	}
	before := w.g.Goroutines()
	var got answers
	w.g.Call("WhoHolds", 0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it hangs, or waits for the table to change",
		Expected: "answers at once: the table is there to be read",
	}, func() { got = whoHoldsInTable.On(w.g, a) })
	returned := time.Now()
	var left map[string]string
	ended := eventually(func() bool {
		left = w.g.Goroutines()
		maps.DeleteFunc(left, func(one, _ string) bool { return before[one] != "" })
		return len(left) == 0
	})
	w.g.Expect(ended, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "your code leaks a goroutine",
		Expected: "what your code has started has ended when WhoHolds has returned",
		Seen:     "still there: " + story.Count(len(left), "goroutine"),
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
