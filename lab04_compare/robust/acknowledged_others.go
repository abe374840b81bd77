//go:build !linux

package robust

import (
	"net"
	"time"
)

// setUserTimeout does nothing: TCP_USER_TIMEOUT is an option of Linux.
func setUserTimeout(*net.TCPConn, time.Duration) (refused bool, err error) { return false, nil }

// acknowledged and settled are not known: SIOCOUTQ is a request of Linux.
func acknowledged(*net.TCPConn) bool { return false }
func settled(*net.TCPConn) bool      { return false }
