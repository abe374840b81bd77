//go:build !linux

package robust

import (
	"net"
	"time"
)

// setUserTimeout does nothing: TCP_USER_TIMEOUT is an option of Linux.
func setUserTimeout(*net.TCPConn, time.Duration) error { return nil }
