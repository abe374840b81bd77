// Package peer plays the other side of a connection. It has servers that send nothing, send slowly or read nothing, servers whose
// backlog is full, addresses at which nobody listens, a proxy between client and server, a name server, and both ends of a
// plain connection.
package peer
