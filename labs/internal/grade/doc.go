// Package grade grades exercises. It compiles the project's graders, and separately the student's code. Each exercise has two
// processes: the grader's and the student's. The student's is isolated as well as the system can isolate it: see package jail.
// Whatever the student's code does there can only fail that exercise, and nothing is left of it when the grading is over. If
// the machine lacks something, that is an error, and nobody is judged.
package grade
