// Package link makes hosts and the network fail: hosts vanish, return, restart and forget their connections; a middlebox
// forgets a connection. On the private loopback it can also send late and forged segments, and ICMP errors.
package link
