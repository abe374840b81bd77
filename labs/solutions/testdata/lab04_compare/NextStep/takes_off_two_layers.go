// Mistake: it takes off the layers that net has put on, and knows no others.
// Says: wrapped in another is not recognised

package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// NextStep looks into the errors of net.
func NextStep(during Call, err error) Step {
	if op, ok := err.(*net.OpError); ok {
		err = op.Err
	}
	if call, ok := err.(*os.SyscallError); ok {
		err = call.Err
	}
	isOurs := err == net.ErrClosed
	isSlow := err == os.ErrDeadlineExceeded
	if isNet, ok := err.(net.Error); ok { // Go's own kinds, which it does not export
		isOurs = isOurs || errors.Is(isNet, context.Canceled)
		isSlow = isSlow || errors.Is(isNet, context.DeadlineExceeded) || errors.Is(isNet, os.ErrDeadlineExceeded)
	} else if err != nil {
		isOurs = isOurs || err.Error() == "operation was canceled"
	}
	switch {
	case err == nil:
		return GoOn
	case isOurs:
		return Stop
	case isSlow && during == Connect:
		return ConnectLater
	case isSlow:
		return CallAgain
	}
	switch err {
	case syscall.ETIMEDOUT, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF:
		if during == Connect {
			return ConnectLater
		}
		return AskFirst
	}
	return Report
}
