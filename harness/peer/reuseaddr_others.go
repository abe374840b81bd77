//go:build !unix

package peer

import "syscall"

// withoutReuseaddr does nothing: here, Go does not set SO_REUSEADDR.
func withoutReuseaddr(_, _ string, _ syscall.RawConn) error { return nil }
