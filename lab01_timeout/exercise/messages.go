package exercise

import "errors"

// MaxMessage is how many bytes a message has at most.
const MaxMessage = 1 << 20

// ErrTooLong is what is returned for a message that announces more.
var ErrTooLong = errors.New("the message is too long")
