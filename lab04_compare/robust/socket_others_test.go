//go:build !linux

package robust

import "net"

// smallWindow is not small here: the option has to be set before the connection is made, in each system's own way.
var smallWindow net.Dialer

var systemEndings []ending

var mayPass = passing
