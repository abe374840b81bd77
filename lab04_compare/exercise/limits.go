package exercise

import "time"

// Limits says how long a server waits for a client.
type Limits struct {
	Question time.Duration // from a question's first byte to its last
	Answer   time.Duration // for the kernel to take an answer, and for the client to send something after a "ping"
	Quiet    time.Duration // of silence between questions, before the server sends a "ping"
}
