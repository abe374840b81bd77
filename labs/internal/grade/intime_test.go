package grade

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
)

// A grader may come to its verdict in time, and the command read it late, because ^Z had stopped the command.
func TestVerdictCountsThatIsReadLate(t *testing.T) {
	r := Result{Report: report.Report{Result: report.Passed}}
	require.NoError(t, r.judge("", errTime, Limits{Time: time.Minute}))
	assert.Equal(t, report.Passed, r.Result)

	none := Result{}
	require.NoError(t, none.judge("", errTime, Limits{Time: time.Minute}))
	assert.Equal(t, report.Failed, none.Result)
	assert.Equal(t, "the grading was not over in time", none.Finding.Mistake)

	cut := Result{Report: report.Report{Result: report.Passed}}
	require.NoError(t, cut.judge("", errOutput, Limits{Time: time.Minute}))
	assert.Equal(t, report.Failed, cut.Result, "the student's code was called too often")
}

// A grader in a guest may fail after its report, as one on this machine may.
func TestGuestsReportIsWithdrawnIfItsGraderFails(t *testing.T) {
	for action, want := range map[string]string{gotest.Pass: report.Passed, gotest.Fail: ""} {
		g := &grading{Exercise: catalog.Exercise{Name: "SendAll"}, nonce: "ours"}
		g.add(gotest.Event{Action: gotest.Output, Output: "=== ATTR  TestSendAll " + report.Key("ours") + ` {"result":"passed"}` + "\n"}, nil)
		g.add(gotest.Event{Action: action, Test: "TestSendAll"}, nil)
		r, err := g.result(nil, Limits{})
		assert.Equal(t, want, r.Result)
		assert.Equal(t, want == "", err != nil)
	}
}
