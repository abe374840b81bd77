// Package tiny has options that its tests look at, and others.
package tiny

import (
	"net"
	"time"
)

// Dial sets an option in a package that is tested from outside.
func Dial(address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: time.Minute, KeepAlive: -1}
	return dialer.Dial("tcp", address)
}
