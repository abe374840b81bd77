package grading

import "time"

// Many students hang in these tests, at the same time, so a short patience is enough.
func init() { patience = time.Second }

// BeStudent is what Main does in the student's process.
var BeStudent = beStudent

// SetTasks is what Main does in the grader's process.
func SetTasks(source string) { tasks = source }
