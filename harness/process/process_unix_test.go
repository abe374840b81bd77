//go:build unix

package process_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/process"
)

var leader = process.NewProgram("leader", func(self *process.Self) error {
	if syscall.Getpgrp() != os.Getpid() {
		return errors.New("in the process group of another")
	}
	self.Ready(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	<-self.Context().Done()
	return nil
})

// In the test's group, a stopped process would be continued when that group is orphaned.
func TestProcessLeadsGroupOfItsOwn(t *testing.T) {
	x := harness.Start(t, process.Processes)
	_, err := process.Start(x, leader)
	assert.NoError(t, err)
}
