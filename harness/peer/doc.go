// Package peer is the other side of a connection: a server that is silent, slow, stalled or absent, one whose
// backlog is full, a proxy between, a name server, and both ends of a plain connection.
package peer
