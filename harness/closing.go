package harness

import "sync"

// starting is held, for reading, by those who start processes. A process that starts has all sockets
// of this one open until exec(2) has closed them.
var starting sync.RWMutex

// Close closes a socket whose port is needed at once, and while no process starts: otherwise it could
// be open a moment longer.
func Close(closeSocket func() error) error {
	starting.Lock()
	defer starting.Unlock()
	return closeSocket()
}
