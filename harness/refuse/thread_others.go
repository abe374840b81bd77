//go:build linux && !amd64 && !arm64

package refuse

import "errors"

var errOther = errors.New("system calls are refused on amd64 and arm64 only")

// OnThisThread returns an error if there are calls to refuse.
func OnThisThread(calls ...Call) error {
	if len(calls) == 0 {
		return nil
	}
	return errOther
}

// Notice always returns an error.
func Notice(...Call) (noticed func() bool, err error) { return nil, errOther }

// Interrupt always returns an error.
func Interrupt(func(), ...Call) (end func(), err error) { return nil, errOther }

// First always returns an error.
func First(...Call) (end func(), err error) { return nil, errOther }
