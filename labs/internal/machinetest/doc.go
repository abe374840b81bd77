// Package machinetest finds out what experiments can show on this machine. It is a test, so that it runs as
// the experiments do: through go test, on the private loopback. It reports its findings as attributes, which
// the command reads:
//
//	says/NAME  what experiments may need, in a sentence
//	can/NAME   why this machine does not have it, and what would help; empty if it has it
//	is/NAME    a fact about the machine, with _ for spaces in its name
package machinetest
