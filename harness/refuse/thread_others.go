//go:build linux && !amd64 && !arm64

package refuse

import "errors"

var errOther = errors.New("system calls are refused on amd64 and arm64 only")

// OnThisThread would make the kernel refuse the calls.
func OnThisThread(calls ...Call) error {
	if len(calls) == 0 {
		return nil
	}
	return errOther
}

// Notice would say whether the calls are made.
func Notice(...Call) (noticed func() bool, err error) { return nil, errOther }

// Interrupt would do something before the calls are carried out.
func Interrupt(func(), ...Call) (end func(), err error) { return nil, errOther }
