package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// NextStep tells errors apart by what is inside of them, and asks then what the call had sent.
func NextStep(during Call, err error) Step {
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	sentNothing := during == Connect
	switch {
	case err == nil:
		return GoOn
	case is(context.Canceled, net.ErrClosed):
		return Stop
	case is(syscall.EPIPE) && !sentNothing:
		return AskFirst
	case is(syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
		syscall.ECONNREFUSED, syscall.ECONNRESET, io.EOF, io.ErrUnexpectedEOF):
		if sentNothing {
			return ConnectLater
		}
		return AskFirst
	case is(os.ErrDeadlineExceeded, context.DeadlineExceeded):
		if sentNothing {
			return ConnectLater
		}
		return CallAgain
	default:
		return Report
	}
}
