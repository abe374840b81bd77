package exercise_test

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
)

// madeUpTableFails: SocketTable fails with one of several kinds of errors, and returns a part of the table with the error.
func (w *holders) madeUpTableFails() {
	w.g.T().Helper()
	one, other := grading.Mark("no table of "+grading.Text(5)), grading.Mark("no table of "+grading.Text(6))
	alike := grading.Mark(unix.ENOBUFS.Error())
	m := whole()
	for _, of := range []struct {
		err  error
		says []error // the errors that errors.Is must find
	}{
		{one, []error{one}},
		{&likeAll{one}, []error{one}},
		{&outermost{unix.ENODEV, other}, []error{other, unix.ENODEV}},
		{fmt.Errorf("no table: %w", unix.EACCES), []error{unix.EACCES}},
		// Nothing is around these errors: code that ignores one of them may find it by == or by errors.Is.
		{unix.EPERM, []error{unix.EPERM}},
		{unix.ENOENT, []error{unix.ENOENT}},
		{unix.EOPNOTSUPP, []error{unix.EOPNOTSUPP}},
		{unix.EINTR, []error{unix.EINTR}},
		{io.EOF, []error{io.EOF}}, // as if the table ended too early
		// Two of these errors have the same text.
		{errors.Join(alike, one, unix.ENOBUFS), []error{one, alike, unix.ENOBUFS}},
	} {
		w.g.Step("SocketTable returns a part of the table, and an error: %q; a second call of SocketTable would succeed", of.err)
		m := m.few(10)
		a := asking{Table: m.table, Error: grading.ToWire(of.err)}
		switch err := of.err.(type) {
		case *outermost:
			a.Around, a.Error = err.like, grading.ToWire(err.wrapped)
		case *likeAll:
			a.LikeAll, a.Error = true, grading.ToWire(err.error)
		}
		for _, q := range m.asked {
			a.Addresses = append(a.Addresses, q.address)
		}
		var got answers
		w.g.Call("WhoHolds", 0, grading.Finding{
			Sentence: "table-error",
			Mistake:  "it hangs when SocketTable fails",
			Expected: "the error, at once",
		}, func() { got = whoHoldsInTable.On(w.g, a) })
		for _, answer := range got.All {
			w.judgeTableError(answer, of.says...)
		}
		w.g.Expect(!got.Touched, opensSocket)
		w.g.Step("SocketTable does not fail any more")
		for _, q := range w.askIn(m, false) {
			w.judgeAnswer(q)
		}
	}
}

// judgeTableError checks that WhoHolds returns the error of SocketTable.
func (w *holders) judgeTableError(got holding, wanted ...error) {
	w.g.T().Helper()
	for _, err := range wanted {
		f := grading.Finding{
			Sentence: "table-error",
			Mistake:  "the error of SocketTable is lost",
			Expected: fmt.Sprintf("an error in which errors.Is finds %q", err),
			Seen:     fmt.Sprintf("%q, and no error", got.Holder),
		}
		w.g.Expect(got.Err != nil, f)
		f.Mistake = "the error does not say what is wrong"
		f.Seen = got.Err.Type + ": " + got.Err.Text
		w.g.Expect(errors.Is(got.Err.Err(), err), f)
	}
}
