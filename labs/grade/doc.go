// Package grade grades exercises: it compiles the graders with a student's code, and runs each exercise
// in a process of its own, within limits.
package grade
