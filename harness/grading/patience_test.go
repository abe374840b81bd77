package grading

import "time"

// Students who hang are many here, and wait at the same time.
func init() { patience = time.Second }
