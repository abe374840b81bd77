// Package process runs a test's server, or a Python program, in a separate process. A test can kill, stop and continue
// a server's process, and start another.
package process
