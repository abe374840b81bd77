//go:build !unix

package grading

// leftovers can't be listed here.
func leftovers() (mistake, seen string) { return "", "" }
