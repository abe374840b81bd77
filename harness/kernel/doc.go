// Package kernel asks the kernel for its socket table, for what it knows about a connection (TCP_INFO), for socket options
// and system-wide settings, and for open descriptors.
package kernel
