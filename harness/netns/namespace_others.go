//go:build !linux

package netns

import "errors"

// IsPrivate reports whether this process is in a network namespace that Enter made for it.
func IsPrivate() bool { return false }

// Enter says why there is no private loopback.
func Enter() error { return errors.New("only Linux has network namespaces") }

// Allowed says why there is no private loopback.
func Allowed() error { return Enter() }

// Probed does nothing: Allowed starts no process.
func Probed() {}
