package scaffold

import "text/template"

// experiment is the text of a new experiment. It passes, so that its author can change it step by step.
var experiment = template.Must(template.New("").Parse(`// {{.Test}}: TODO say what happens, in one sentence that could be false.
//
// TODO write "Claim: T3." with the claims that it decides ("labs claims" lists them), or "Claim: Beyond the chapter." alone.
// TODO write "Verdict: holds." below each claim, or "Verdict: holds if ….", or "Verdict: does not hold: ….".
//
// TODO write "Predict: " and a question that people answer wrong, with three or four answers; or take these lines out.
//   - [ ] a wrong answer
//   - [ ] another one
//   - [x] the right answer
func {{.Test}}(t *testing.T) {
	x := harness.Start(t) // TODO name what it needs, such as harness.Linux; "labs doctor" lists the needs
	const patience = 300 * time.Millisecond
	client, _ := peer.PairNoKeepalive(x) // TODO set up the other side; "go doc socketlabs/harness/peer" lists others
	plain, _ := peer.PairNoKeepalive(x)
	control := x.Begin(harness.Client, "Read with no deadline", func() error { // TODO make the control: the same call without the option
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the client waits %v for a server that says nothing", patience) // TODO say what happens next
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience))) // TODO set the option under study
	_, err := client.Read(make([]byte, 1))                          // TODO make the call under study
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded) // TODO assert the outcome, and beside it the mechanism
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()
}
`))

// used are the packages that it imports.
var used = []string{
	"os", "testing", "time",
	"github.com/stretchr/testify/assert", "github.com/stretchr/testify/require",
	"socketlabs/harness", "socketlabs/harness/peer",
}
