//go:build !race

package grading

// mostMemory is how much memory the student's process uses before it collects garbage after all. It may have 512 MiB in all.
const mostMemory = 256 << 20
