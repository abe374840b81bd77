package exercise

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// NextStep asks for the ends that have a name first. What is left has a number, in some layer.
func NextStep(during Call, err error) Step {
	lost, late := AskFirst, CallAgain
	if during == Connect {
		lost, late = ConnectLater, ConnectLater
	}
	switch {
	case err == nil:
		return GoOn
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return Stop
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return lost
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return late
	}
	for _, number := range nextStepNumbers(err) {
		switch number {
		case syscall.EPIPE:
			if during != Connect {
				return lost
			}
		case syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH:
			return lost
		}
	}
	return Report
}

// nextStepNumbers are the kernel's numbers in all layers of an error.
func nextStepNumbers(err error) (all []syscall.Errno) {
	switch err := err.(type) {
	case syscall.Errno:
		return []syscall.Errno{err}
	case interface{ Unwrap() error }:
		return nextStepNumbers(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inside := range err.Unwrap() {
			all = append(all, nextStepNumbers(inside)...)
		}
	}
	return all
}
