// Package wire shows the segments that an experiment sends: it decodes frames, groups the segments by
// connection, and says in words what each segment means.
//
// On Linux it captures the frames on the loopback with a packet socket: packet(7). A [Reader] also takes
// frames that a test has built.
package wire
