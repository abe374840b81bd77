// Package wire reads what a capture of the loopback has seen: it takes frames apart, puts the
// segments of each connection together, and says in words what they mean.
//
// It opens no socket: the frames come from [socketlabs/harness], or from a test.
package wire
