//go:build !unix

package harness

import "math"

// maxDescriptors is how many sockets this process may have open: there is no limit of its own.
func maxDescriptors() int { return math.MaxInt }
