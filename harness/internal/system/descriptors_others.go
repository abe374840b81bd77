//go:build !unix

package system

import "math"

// MaxDescriptors is how many sockets this process may have open: there is no limit of its own.
func MaxDescriptors() int { return math.MaxInt }
