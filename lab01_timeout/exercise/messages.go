package exercise

import "errors"

// MaxMessage is how many bytes a message has at most.
const MaxMessage = 1 << 20

// ErrTooLong is the error for a message whose length is more than MaxMessage.
var ErrTooLong = errors.New("the message is too long")
