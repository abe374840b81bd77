// Package peer plays the other side of a connection. It has servers that are silent, slow or stalled, servers whose
// backlog is full, addresses at which nobody listens, a proxy between client and server, a name server, and both ends of a
// plain connection.
package peer
