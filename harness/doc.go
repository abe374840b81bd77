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
//     [Experiment.Begin] starts a call that will block, [Experiment.AssertNeverEarlier] checks a
//     time, [Experiment.Unacknowledged] asks the kernel what the peer has not confirmed,
//     [Experiment.AwaitSockets] and [Experiment.AwaitConnection] look into its table of sockets.
//     time, [Experiment.Unacknowledged] asks the kernel what the peer has not confirmed;
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
// Experiments listen on plain TCP. Since Go 1.24 net.Listen opens Multipath TCP listeners on
// Linux, and on those some options under study can't be set; so the harness asks for TCP.
package harness
