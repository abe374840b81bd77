package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// TestWriteTimeoutCutsLongAnswerSilently: if a handler works for longer than http.Server's WriteTimeout, its response is
// lost, and the handler does not notice: its Write succeeds, and its context has not ended. The client reads EOF only
// after the handler has returned.
//
// Claim: T5.
// Verdict: does not hold: the handler of an http.Server gets no error when WriteTimeout has passed.
//
// Predict: WriteTimeout is 300 ms, and the handler answers after 1 s; what does the client get?
//   - [ ] the answer, after 1 s
//   - [ ] status 503, after 300 ms
//   - [ ] EOF, after 300 ms
//   - [x] EOF, after 1 s
func TestWriteTimeoutCutsLongAnswerSilently(t *testing.T) {
	x := harness.Start(t)
	const limit, work = 300 * time.Millisecond, 1 * time.Second
	type ending struct{ write, context error }
	endings := make(chan ending, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harness.Passed(r.Context(), work)
		_, err := io.WriteString(w, "done")
		endings <- ending{err, r.Context().Err()}
	})
	unlimited := "http://" + serveHTTP(x, &http.Server{Handler: handler})
	limited := "http://" + serveHTTP(x, &http.Server{Handler: handler, WriteTimeout: limit})

	for _, server := range []struct {
		name, url, body string
		err             error
	}{
		{"no WriteTimeout", unlimited, "done", nil},
		{"a WriteTimeout of " + limit.String(), limited, "", io.EOF},
	} {
		x.Step("the handler works for %v; the server has %s", work, server.name)
		begun := time.Now()
		body, err := get(t.Context(), http.Client{Transport: new(http.Transport)}, server.url)
		took := time.Since(begun)
		x.Outcome(harness.Client, "Get: %q, %v", body, err)
		end := <-endings
		x.Outcome(harness.Server, "the handler's Write: %v; its context: %v", end.write, end.context)

		assert.ErrorIs(t, err, server.err)
		assert.Equal(t, server.body, string(body))
		x.AssertAtLeast(took, work)
		assert.NoError(t, end.write)
		assert.NoError(t, end.context)
	}
}

// TestTimeoutHandlerAnswersInTime: http.TimeoutHandler responds with status 503 when its time is over. The handler inside it
// can notice: its context ends, and its Write fails with http.ErrHandlerTimeout.
//
// Claim: T5.
// Verdict: holds if the program uses http.TimeoutHandler: it tells the client and the handler.
func TestTimeoutHandlerAnswersInTime(t *testing.T) {
	x := harness.Start(t)
	const limit = 300 * time.Millisecond
	type ending struct{ write, context error }
	endings, answered := make(chan ending, 1), make(chan struct{})
	works := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-answered
		<-r.Context().Done()
		_, err := io.WriteString(w, "done")
		endings <- ending{err, r.Context().Err()}
	})
	url := "http://" + serveHTTP(x, &http.Server{Handler: http.TimeoutHandler(works, limit, "too slow")})

	x.Step("the handler works for longer than its TimeoutHandler of %v allows", limit)
	client := http.Client{Transport: new(http.Transport)}
	begun := time.Now()
	response, err := client.Get(url)
	took := time.Since(begun)
	close(answered)
	require.NoError(t, err)
	x.Own(response.Body)
	body, err := io.ReadAll(response.Body)
	x.Outcome(harness.Client, "Get: %s, %q, %v", response.Status, body, err)
	end := <-endings
	x.Outcome(harness.Server, "the handler's Write: %v; its context: %v", end.write, end.context)

	assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	assert.Equal(t, "too slow", string(body))
	x.AssertAtLeast(took, limit)
	assert.ErrorIs(t, end.write, http.ErrHandlerTimeout)
	assert.ErrorIs(t, end.context, context.DeadlineExceeded)
}

// TestHandlerMovesWriteDeadline: a handler that needs more time than WriteTimeout can move its write deadline, with
// http.ResponseController. Then its response arrives whole.
//
// Claim: Beyond the chapter.
func TestHandlerMovesWriteDeadline(t *testing.T) {
	x := harness.Start(t)
	const limit, pieces = 2 * time.Second, 3
	serve := func(moves bool) (url string) {
		return "http://" + serveHTTP(x, &http.Server{WriteTimeout: limit, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			controller := http.NewResponseController(w)
			for range pieces {
				harness.Passed(r.Context(), limit/2)
				if moves {
					controller.SetWriteDeadline(time.Now().Add(limit))
				}
				if _, err := io.WriteString(w, "piece "); err != nil || controller.Flush() != nil {
					return
				}
			}
		})})
	}
	var moved, left []byte
	call := func(name, url string, body *[]byte) *harness.Call {
		return x.Begin(harness.Client, name, func() (err error) {
			*body, err = get(t.Context(), http.Client{Transport: new(http.Transport)}, url)
			return err
		})
	}

	x.Step("two handlers answer in %d pieces, one every %v; WriteTimeout is %v, and one moves its deadline", pieces, limit/2, limit)
	ofMoved := call("Get from the handler that moves its deadline", serve(true), &moved)
	ofLeft := call("Get from the other handler", serve(false), &left)
	assert.NoError(t, ofMoved.Wait())
	assert.Equal(t, "piece piece piece ", string(moved))
	err := ofLeft.Wait()
	x.Outcome(harness.Client, "read: %q, and %q", moved, left)
	assert.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), "Get from the other handler should get EOF; got: %v", err)
}
