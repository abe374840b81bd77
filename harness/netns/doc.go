// Package netns runs a test binary on a private loopback: in a network namespace of its own, where nothing else
// can disturb it, and where it can disturb nothing.
package netns
