// Package netns runs a test binary on a private loopback: in a network namespace of its own, where nothing can
// disturb the tests, and the tests can disturb nothing else.
package netns
