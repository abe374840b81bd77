package exercise

import "time"

// Limits says how long a server waits for a client.
type Limits struct {
	Question time.Duration // from a question's first byte to its last
	Answer   time.Duration // until the kernel has taken an answer, and until something comes after a "ping"
	Quiet    time.Duration // of silence between questions, until the server asks whether the client is there
}
