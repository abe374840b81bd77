// Package kernel asks the kernel: for its table of sockets, for what it knows of a connection (TCP_INFO), for
// options and system-wide settings, and for open descriptors.
package kernel
