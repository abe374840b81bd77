//go:build !unix

package grade

// checkDescriptors: there is no limit here.
func checkDescriptors() error { return nil }
