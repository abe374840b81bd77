// Package solutions tests the graders: each accepts the model solution, and rejects every wrong one with
// words that name the mistake. The solutions stand in testdata/LAB/EXERCISE: model.go, and beside it one
// file for each mistake. Package harness/grading says how they are written.
package solutions
