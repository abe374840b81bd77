package grading

import "time"

// Students who hang are many here, and wait at the same time.
func init() { patience = time.Second }

// BeStudent is what Main does in the student's process.
var BeStudent = beStudent

// SetTasks is what Main does in the grader's.
func SetTasks(source string) { tasks = source }
