// Package process runs a server of a test's own as a process, which can be killed, stopped and started again as a
// whole.
package process
