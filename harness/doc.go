// Package harness supports the experiments.
//
// A test calls [Start] and gets an [Experiment]. The test itself, or a helper of
// its lab, makes the socket calls under study; the harness never hides them. [Experiment.Step] and [Experiment.Outcome] tell the
// story, a log of what happens. [Experiment.Begin] starts a call that will block, and [Experiment.AssertAtLeast] checks how long
// something took. Everything else is in packages of its own:
//
//	peer      peers that send nothing, send slowly or read nothing; a proxy; both ends of a connection
//	link      hosts that vanish or restart; middleboxes; forged segments
//	process   a server in its own process: killed, stopped, started again
//	kernel    the socket table, TCP_INFO, options, settings, descriptors
//	wire      segments: captured, explained, kept for Wireshark
//	refuse    makes system calls fail in one thread
//	netns     the private loopback: a network namespace for the tests alone
//	story     what happened, as data: typed events, their JSON, their text
//	skip      skips tests, and records each skip, so that none goes unnoticed
//	grading   what the graders of the exercises use
//
// The experiment owns every socket that it opens and every goroutine that it starts. When the test ends, even by
// failing, the experiment closes its sockets and waits for its goroutines. If this machine can't show something, a
// [Need] says why, and the test is skipped with the reason and the remedy.
//
// Each lab's TestMain calls [Main]. On Linux, if the system allows it, Main runs the tests on a private loopback, where
// nothing else can disturb them.
//
// The harness listens on plain TCP. Since Go 1.24, net.Listen opens Multipath TCP listeners on
// Linux, and some of the options under study can't be set on Multipath TCP sockets.
//
// The harness opens connections with keepalive off. The story says so, and so do the names of the functions (PairNoKeepalive).
// Go turns keepalive on by default, with a first probe after 15 s.
package harness
