package system

import "sync"

// starting is held, for reading, while a process starts. The new process has a copy of every socket of this process,
// until its exec(2) has closed them.
var starting sync.RWMutex

// CloseEverywhere closes a socket whose port is needed at once. It first waits for processes that are starting:
// until their exec has closed it, they have the socket open, too.
func CloseEverywhere(closeSocket func() error) error {
	starting.Lock()
	defer starting.Unlock()
	return closeSocket()
}

// RunProgram is for a process that an experiment has started to run a program: it runs the program, and does not return.
// In any other process, it returns at once. Package process sets it.
var RunProgram = func() {}

// StartProcess calls start, which starts a process.
func StartProcess(start func() error) error {
	starting.RLock()
	defer starting.RUnlock()
	return start()
}
