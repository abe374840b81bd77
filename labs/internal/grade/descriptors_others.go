//go:build !unix

package grade

// checkDescriptors never fails: this system has no limit.
func checkDescriptors() error { return nil }
