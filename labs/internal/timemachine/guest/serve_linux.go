package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"socketlabs/labs/internal/timemachine/protocol"
)

// serve runs one order after another, as they come over the line: this machine stays on. Its answers are
// messages, each in a line of JSON.
func serve() error {
	line, err := openRaw(protocol.Line)
	if err != nil {
		return err
	}
	home := json.NewEncoder(line)
	var system unix.Utsname
	if err := unix.Uname(&system); err != nil {
		return err
	}
	if err := clearMemory(); err != nil {
		return err
	}
	booted := protocol.Message{Kind: protocol.Booted, Text: []byte(unix.ByteSliceToString(system.Release[:]))}
	if err := home.Encode(booted); err != nil {
		return err
	}
	for orders := json.NewDecoder(line); ; {
		var order protocol.Order
		if err := orders.Decode(&order); err != nil {
			return err
		}
		if err := home.Encode(obey(home, order)); err != nil {
			return err
		}
	}
}

// obey runs a test binary in a network namespace of its own, and says how that ended. It tells the tests that they are in one,
// which the harness would otherwise make: a process less to start, where starting one takes half a second.
func obey(home *json.Encoder, order protocol.Order) protocol.Message {
	cmd := exec.Command(filepath.Join(protocol.Binaries, order.Binary), order.Args...)
	cmd.Env = append(order.Env, "LABS_OUTSIDE=the namespace of the guest")
	says := answers{home}
	cmd.Stdout, cmd.Stderr = says, says
	err := inNamespace(cmd.Run)
	ended := protocol.Message{Kind: protocol.Ended, Status: cmd.ProcessState.ExitCode()}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		ended.Text = []byte(err.Error())
	}
	return ended
}

// inNamespace does something in a new network namespace with a loopback that is up. The thread ends with it.
func inNamespace(do func() error) error {
	ended := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			err = bringLoopbackUp()
		}
		if err == nil {
			err = do()
		}
		ended <- err
	}()
	return <-ended
}

// answers sends what tests print.
type answers struct{ home *json.Encoder }

func (a answers) Write(text []byte) (int, error) {
	return len(text), a.home.Encode(protocol.Message{Kind: protocol.Output, Text: text})
}

// clearMemory overwrites with zeros what is free: the machine's state is saved as it is now, and zeros take no room.
func clearMemory() error {
	const spare = 6 << 20 // for all that runs meanwhile
	var system unix.Sysinfo_t
	if err := unix.Sysinfo(&system); err != nil {
		return err
	}
	free := int(system.Freeram)*int(system.Unit) - spare
	if free <= 0 {
		return nil
	}
	memory, err := unix.Mmap(-1, 0, free, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	return unix.Munmap(memory)
}
