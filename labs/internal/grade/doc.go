// Package grade grades exercises: it compiles the project's graders with a student's code, and runs each
// exercise in a process of its own, within limits of time, output and memory. Whatever the student's
// code does there, it costs that exercise alone, and nothing of it is left when the grading is over.
package grade
