// Package harness supports the experiments.
//
// A test calls [Start] and gets an [Experiment]. The test itself, or a helper of
// its lab, makes the socket calls under study; the harness never hides them. [Experiment.Step] and [Experiment.Outcome] tell the
// story, a log of what happens. [Experiment.Begin] starts a call that will block, and [Experiment.AssertAtLeast] checks how long
// something took. Everything else is in packages of its own:
//
//	peer      the other side: silent, slow, stalled or absent; a proxy; both ends of a plain connection
//	link      hosts that vanish, return, restart and forget; middleboxes that forget; late and forged segments
//	process   a server, or a Python program, as a process: killed, stopped, started again
//	kernel    the table of sockets, TCP_INFO, options, system-wide settings, descriptors
//	wire      the segments: captured, with what they mean, kept for Wireshark
//	refuse    makes system calls fail in one thread
//	netns     the private loopback: a network namespace of the tests' own
//	story     what happened, as data: typed events, their JSON, their text
//	skip      how tests are skipped, so that nothing is skipped unnoticed
//	grading   what the graders of the exercises use
//
// The experiment owns every socket and goroutine that it has made, and ends them with the test, even
// if the test fails. If this machine can't show something, a [Need] says why, and the test is
// skipped with the reason and the remedy.
//
// [Main] goes into each lab's TestMain. On Linux it runs the tests on a private loopback, where
// nothing else can disturb them.
//
// The harness listens on plain TCP. Since Go 1.24 net.Listen opens Multipath TCP listeners on
// Linux, and on those some options under study can't be set.
//
// The harness opens connections with keepalive off, and the names of its functions and the story
// say so. Go turns keepalive on by default, with a first probe after 15 s.
package harness
