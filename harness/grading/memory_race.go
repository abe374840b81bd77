//go:build race

package grading

// mostMemory is less with the race detector, which takes several times as much beside it.
const mostMemory = 64 << 20
