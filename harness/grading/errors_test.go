package grading

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crossed returns an error as it arrives in the other process.
func crossed(t *testing.T, err error) error {
	t.Helper()
	text, failed := json.Marshal(ToWire(err))
	require.NoError(t, failed)
	var e *WireError
	require.NoError(t, json.Unmarshal(text, &e))
	return e.Err()
}

func TestErrorsArriveAsTheyWere(t *testing.T) {
	const own = Mark("our own")
	all := []error{
		os.ErrDeadlineExceeded, context.DeadlineExceeded, context.Canceled, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ETIMEDOUT, syscall.ECONNRESET, syscall.EADDRINUSE, own,
	}
	for _, is := range []struct {
		err  error
		find []error
	}{
		{io.EOF, []error{io.EOF}},
		{errors.New("EOF"), nil},
		{syscall.ECONNRESET, []error{syscall.ECONNRESET}},
		{own, []error{own}},
		{fmt.Errorf("asking: %w", own), []error{own}},
		{errors.Join(own, io.EOF, syscall.ECONNRESET, fmt.Errorf("again: %w", syscall.EADDRINUSE)), []error{own, io.EOF, syscall.ECONNRESET, syscall.EADDRINUSE}},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, []error{os.ErrDeadlineExceeded}},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.ETIMEDOUT)}, []error{syscall.ETIMEDOUT}},
		{fmt.Errorf("sending: %w", &net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}), []error{os.ErrDeadlineExceeded}},
		{refused{syscall.ETIMEDOUT}, []error{syscall.ETIMEDOUT}},
		{refused{os.ErrDeadlineExceeded}, []error{os.ErrDeadlineExceeded}},
	} {
		once := crossed(t, is.err)
		for _, got := range []error{once, crossed(t, once)} { // there, and back again
			assert.Equal(t, is.err.Error(), got.Error())
			for _, one := range all {
				assert.Equal(t, errors.Is(is.err, one), errors.Is(got, one), "%q: is it %v?", is.err, one)
			}
			for _, one := range is.find {
				assert.ErrorIs(t, got, one)
			}
			var before, after net.Error
			assert.Equal(t, errors.As(is.err, &before), errors.As(got, &after), "%q: is there a net.Error?", is.err)
			if before != nil && after != nil {
				assert.Equal(t, before.Timeout(), after.Timeout(), "%q", is.err)
			}
			_, isNet := is.err.(net.Error)
			_, stillIs := got.(net.Error)
			assert.Equal(t, isNet, stillIs, "%q: is it a net.Error itself?", is.err)
		}
	}
	assert.NoError(t, crossed(t, nil))
	assert.Equal(t, io.EOF, crossed(t, io.EOF), "a well-known error should arrive as itself, so that it can be compared")
}

// refused is an error that says by its own method which error it is, and wraps none.
type refused struct{ is error }

func (r refused) Error() string        { return "refused" }
func (r refused) Is(target error) bool { return target == r.is }

func TestErrorWithNilPointerArrives(t *testing.T) {
	var none *net.OpError
	got := crossed(t, none)
	assert.Error(t, got)
	assert.Contains(t, got.Error(), "nil pointer")
}
