package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// nextStepEnds says what each end means after a connect, and after a send or a receive.
var nextStepEnds = []struct {
	err             error
	connect, others Step
}{
	{context.Canceled, Stop, Stop},
	{net.ErrClosed, Stop, Stop},
	{syscall.ETIMEDOUT, ConnectLater, AskFirst},
	{syscall.ECONNREFUSED, ConnectLater, AskFirst},
	{syscall.ECONNRESET, ConnectLater, AskFirst},
	{syscall.EHOSTUNREACH, ConnectLater, AskFirst},
	{syscall.ENETUNREACH, ConnectLater, AskFirst},
	{io.EOF, ConnectLater, AskFirst},
	{io.ErrUnexpectedEOF, ConnectLater, AskFirst},
	{os.ErrDeadlineExceeded, ConnectLater, CallAgain},
	{context.DeadlineExceeded, ConnectLater, CallAgain},
	{syscall.EPIPE, Report, AskFirst}, // the last: what leads to Report has no say beside others
}

// NextStep looks the error up.
func NextStep(during Call, err error) Step {
	if err == nil {
		return GoOn
	}
	for _, end := range nextStepEnds {
		switch {
		case !errors.Is(err, end.err):
		case during == Connect:
			return end.connect
		default:
			return end.others
		}
	}
	return Report
}
