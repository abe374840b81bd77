//go:build race

package grading

// mostMemory is less with the race detector, which itself needs several times as much memory.
const mostMemory = 64 << 20
