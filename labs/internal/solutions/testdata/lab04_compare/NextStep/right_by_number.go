package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// NextStep asks for the kernel's number first: an error with one is never a timeout of our own. What is left of
// timeouts is ours.
func NextStep(during Call, err error) Step {
	lost := AskFirst
	if during == Connect {
		lost = ConnectLater
	}
	var number syscall.Errno
	var ofNet net.Error
	switch {
	case err == nil:
		return GoOn
	case errors.As(err, &number):
		return nextStepOf(number, lost)
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return Stop
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return lost
	case errors.As(err, &ofNet) && ofNet.Timeout():
		if during == Connect {
			return ConnectLater
		}
		return CallAgain
	}
	return Report
}

func nextStepOf(number syscall.Errno, lost Step) Step {
	switch number {
	case syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, syscall.ETIMEDOUT,
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN:
		return lost
	}
	return Report
}
