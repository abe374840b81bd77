//go:build !linux

package peer

// isFree is not known here. Whoever binds the port finds out.
func isFree(uint16) bool { return true }
