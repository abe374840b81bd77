// Package solutions tests the graders. Each grader must accept the model solution, and reject every wrong solution
// with words that name the mistake. The solutions are in testdata/LAB/EXERCISE: model.go is the model solution. For
// each mistake, mistakes.txt says which lines of the model it replaces. Package harness/grading describes both files.
package solutions
