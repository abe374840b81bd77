package exercise

import "errors"

// ErrImpossible says that no settings do what is asked for.
var ErrImpossible = errors.New("no settings of the kernel's do that")
