// Package link is what lies between two ends of a connection, and fails: hosts that vanish, return, restart and
// forget; a middlebox that forgets; on the private loopback also late and forged segments.
package link
