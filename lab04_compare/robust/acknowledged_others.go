//go:build !linux

package robust

import (
	"net"
	"time"
)

// setUserTimeout does nothing: only Linux has TCP_USER_TIMEOUT.
func setUserTimeout(*net.TCPConn, time.Duration) (refused bool, err error) { return false, nil }

// acknowledged and settled return false, because they can't ask the kernel: only Linux has SIOCOUTQ.
func acknowledged(*net.TCPConn) bool { return false }
func settled(*net.TCPConn) bool      { return false }
