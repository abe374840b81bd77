//go:build !linux

package robust

import "net"

// smallWindow dials connections with the system's default window here: each system has its own way to set a buffer before connect.
var smallWindow net.Dialer

var systemEndings []ending

var mayPass = passing
