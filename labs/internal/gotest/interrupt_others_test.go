//go:build !unix

package gotest

// listen waits for nothing where nobody is interrupted.
func listen() (interrupted func()) { return func() {} }
