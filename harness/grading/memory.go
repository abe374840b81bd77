//go:build !race

package grading

// mostMemory is how much memory the student's process uses before Go collects its garbage. The process may use 512 MiB.
const mostMemory = 256 << 20
