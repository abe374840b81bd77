package system

import "sync"

// starting is held, for reading, while a process starts. Until exec(2) has closed them, it has a copy of every
// socket of this process.
var starting sync.RWMutex

// CloseEverywhere closes a socket whose port is needed at once. It waits for processes that are starting, which
// would have the socket open a moment longer.
func CloseEverywhere(closeSocket func() error) error {
	starting.Lock()
	defer starting.Unlock()
	return closeSocket()
}

// RunProgram makes this process the program that an experiment has started it for, if it has; then it does not
// return. Package process sets it.
var RunProgram = func() {}

// StartProcess calls start, which starts a process.
func StartProcess(start func() error) error {
	starting.RLock()
	defer starting.RUnlock()
	return start()
}
