//go:build linux && !amd64 && !arm64

package jail

// refuseCalls: the filter knows the system calls of amd64 and arm64 only.
func refuseCalls() error { return nil }
