//go:build !unix

package gotest

// listen does nothing: on this system, fakes are not interrupted.
func listen() (interrupted func()) { return func() {} }
