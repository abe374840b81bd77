//go:build !unix

package system

import "math"

// MaxDescriptors is how many sockets this process may have open: this system sets no such limit.
func MaxDescriptors() int { return math.MaxInt }
