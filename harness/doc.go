// Package harness is what an experiment stands on: the other side of the connection, and the
// instruments.
//
// A test calls [Start] and gets an [Experiment]. It makes its own socket calls, those that it is
// about, in full; the harness never hides them. From the harness it gets
//
//   - peers that misbehave: [Experiment.SilentPeer], [Experiment.DrippingPeer],
//     [Experiment.StalledReader], [Experiment.FullBacklog], [Experiment.AbsentPeer];
//   - servers that are processes, and can be killed, stopped and started again: [NewProgram],
//     [Experiment.StartProcess]; clients that keep calling them: [Experiment.Callers];
//   - a link that can fail: [Experiment.Vanish], [Experiment.Return], [Experiment.Reboot]; on the private loopback also one
//     that brings old and foreign segments: [Experiment.Replay], [Experiment.Forge];
//   - instruments: [Experiment.Step] and [Experiment.Outcome] tell the story on one clock,
//     [Experiment.Begin] starts a call that will block, [Experiment.AssertAtLeast] checks how long something
//     took, [Experiment.Unacknowledged] asks the kernel what the peer has not confirmed,
//     [Experiment.AwaitSockets] and [Experiment.AwaitConnection] look into its table of sockets;
//   - the wire: [Experiment.Segments] and [Experiment.AwaitSegments] give the segments of a connection.
//     With -v they stand in the story, and with -artifacts Wireshark can read them.
//
// The experiment owns every socket and goroutine that it made and ends them with the test, also
// when the test fails. What this machine can't show, a [Need] says, and the test is skipped with
// the reason and the remedy.
//
// [Main] goes into each lab's TestMain. On Linux it runs the tests on a private loopback: a
// network namespace of their own, where nothing else can disturb them.
//
// The harness listens on plain TCP. Since Go 1.24 net.Listen opens Multipath TCP listeners on
// Linux, and on those some options under study can't be set. An experiment that listens on its own
// does the same, unless Go's defaults are its subject.
//
// The harness opens connections with keepalive off, and their names and the story say so. Go turns
// keepalive on by default, with a first probe after 15 s.
package harness
