// Package grade grades exercises. It compiles the project's graders, and the student's code apart from them. Each exercise has
// a grader's process, and the student's beside it, which is kept apart from everything else as well as the system can: see
// package jail. Whatever the student's code does there, it costs that exercise alone, and nothing of it is left when the grading
// is over. What the machine lacks is an error, and nobody is judged then.
package grade
