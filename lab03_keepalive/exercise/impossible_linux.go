package exercise

import "errors"

// ErrImpossible says that no settings do what the caller asks for.
var ErrImpossible = errors.New("no settings do that")
