//go:build !unix

package grading

// openAndStarted can't be told here.
func (g *Grader) openAndStarted() (descriptors map[string]string, children []string) { return nil, nil }
