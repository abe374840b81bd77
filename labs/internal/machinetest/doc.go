// Package machinetest asks the harness and the system what experiments can show on this machine. It is a
// test, so that it runs as the experiments do: through go test, on the private loopback. What it finds
// it says in attributes, which the command reads:
//
//	says/NAME  what experiments may need, in a sentence
//	can/NAME   why this machine can't do it and what would help; empty if it can
//	is/NAME    a fact about the machine, with _ for spaces in its name
package machinetest
