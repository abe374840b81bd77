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

// serve carries out orders as they come over the line, one after another. The machine stays on. The answers are
// messages, each a line of JSON.
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

// obey runs a test binary in a network namespace of its own, and returns how it ended. It tells the harness that the tests are
// in a namespace already. So the harness need not start another process for that, which would take half a second.
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

// inNamespace calls do on a thread in a new network namespace, whose loopback is up. That thread then ends.
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

// answers sends the output of tests.
type answers struct{ home *json.Encoder }

func (a answers) Write(text []byte) (int, error) {
	return len(text), a.home.Encode(protocol.Message{Kind: protocol.Output, Text: text})
}

// clearMemory overwrites free memory with zeros, because the machine's state is saved now, and zeros take no room in it.
func clearMemory() error {
	const spare = 6 << 20 // for other processes
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
