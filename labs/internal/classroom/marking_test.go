package classroom

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/submissions"
)

func TestWhatABusyMachineMayHaveMadeIsInDoubt(t *testing.T) {
	const limit = 20 * time.Second
	for _, of := range []struct {
		result  string
		took    time.Duration
		inDoubt bool
	}{
		{report.Failed, time.Second, true},
		{report.Failed, limit, true},
		{report.Failed, 0, false}, // it does not compile
		{report.Passed, time.Second, false},
		{report.Passed, limit/2 + 1, true},
		{report.NotBegun, time.Second, false},
		{report.Impossible, time.Second, false},
		{report.Broken, 0, true},
	} {
		r := grade.Result{Report: report.Report{Result: of.result}, Took: of.took}
		m := marking{task: grade.Task{Limits: grade.Limits{Time: limit}}}
		assert.Equal(t, of.inDoubt, m.isInDoubt(r), "%+v", of)
	}
}

// The result of two of three gradings counts, and an exercise that could not be graded is graded again.
func TestTwoOfThreeGradingsCount(t *testing.T) {
	const p, f, b = report.Passed, report.Failed, report.Broken
	for _, of := range []struct {
		gradings []string // results of one exercise, in order
		want     string
		notes    int
	}{
		{[]string{p}, p, 0},
		{[]string{f, f}, f, 0},
		{[]string{f, p, p}, p, 1},
		{[]string{f, p, f}, f, 1},
		{[]string{f, p, b}, f, 1},
		{[]string{f, b}, f, 0},
		{[]string{b, p}, p, 0},
		{[]string{b, b}, b, 0},
	} {
		e := catalog.Exercise{Lab: "l", Name: "A", Points: 10}
		class := &Class{Exercises: []catalog.Exercise{e}, Students: make([]Student, 1)}
		gradings := of.gradings
		m := &marking{task: grade.Task{Exercises: class.Exercises, Limits: grade.Limits{Time: 20 * time.Second}}, class: class}
		m.then = func(call func()) { call() }
		m.try = func(_ context.Context, student int, exercises []catalog.Exercise) ([]grade.Result, error) {
			require.NotEmpty(t, gradings, "%v: once more", of)
			assert.Equal(t, class.Exercises, exercises)
			r := grade.Result{Exercise: e, Report: report.Report{Result: gradings[0], Finding: &report.Finding{Sentence: "whole", Mistake: "it is cut"}}, Took: time.Second}
			gradings = gradings[1:]
			return []grade.Result{r}, nil
		}
		require.NoError(t, m.do(t.Context()))
		assert.Empty(t, gradings, "%v", of)
		assert.Equal(t, of.want, class.Students[0].Results[0].Result, "%v", of)
		assert.Len(t, class.Students[0].Notes, of.notes, "%v", of)
		for _, note := range class.Students[0].Notes {
			assert.Contains(t, note, "failed (whole: it is cut), then passed", "a teacher wants to know what differs")
		}
		if len(of.gradings) == 3 && of.gradings[2] == b {
			assert.Contains(t, class.Students[0].Notes[0], "the first counts")
		}
	}
}

func TestNotesSayWhatIsMissing(t *testing.T) {
	exercises := []catalog.Exercise{{Lab: "lab01"}, {Lab: "lab01"}, {Lab: "lab02"}, {Lab: "lab03"}}
	s := Student{Submission: submissions.Submission{Files: map[string][]byte{"lab02": {}, "lab04": {}}, Problem: "two of them"}}
	assert.Equal(t, []string{"two of them", "not handed in: lab01, lab03"}, notesOn(s, exercises))
	for _, e := range exercises[1:3] {
		s.Results = append(s.Results, grade.Result{Exercise: e, Report: report.Report{Result: report.Failed, Finding: &report.Finding{Mistake: grade.NotCompiled}}})
	}
	assert.Contains(t, notesOn(s, exercises), "does not compile: lab01, lab02")
	assert.Empty(t, notesOn(Student{Submission: submissions.Submission{Files: map[string][]byte{"lab01": {}}}}, exercises[:2]))
}

// If one exercise can't be graded, only its own result says so, and the grading of the class continues.
func TestWhatCantBeGradedIsNoFailure(t *testing.T) {
	m := marking{task: grade.Task{Root: t.TempDir()}}
	exercises := []catalog.Exercise{{Lab: "l", Name: "A"}, {Lab: "l", Name: "B"}}
	results, err := m.tried(t.Context(), 0, exercises)
	require.NoError(t, err)
	require.Len(t, results, 2)
	for i, r := range results {
		assert.Equal(t, report.Broken, r.Result)
		assert.Contains(t, r.Reason, "is missing")
		assert.Equal(t, exercises[i], r.Exercise)
	}
	class := &Class{Students: []Student{{Results: results}, {}}}
	assert.ErrorContains(t, checkGraded(class), "1 of 2 students could not be graded")
	class.Students[0].Results = nil
	assert.NoError(t, checkGraded(class))

	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.tried(over, 0, exercises)
	assert.ErrorIs(t, err, context.Canceled)
}
