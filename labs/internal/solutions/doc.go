// Package solutions tests the graders: each accepts the model solution, and rejects every wrong one with
// words that name the mistake. The solutions are in testdata/LAB/EXERCISE: model.go, and mistakes.txt, which says
// for each mistake which lines of the model it replaces. Package harness/grading says how they are written.
package solutions
