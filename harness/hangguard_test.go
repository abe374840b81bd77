package harness

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// complaints stands in for the test of an experiment that hangs.
type complaints struct {
	testing.TB
	of []string
}

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	c.of = append(c.of, fmt.Sprintf(format, args...))
}

// A control is a call that should still be waiting. If it returns because the guard has closed its socket, that is not
// reported as a second failure.
func TestWhatTheGuardFreesIsNoSecondComplaint(t *testing.T) {
	c := &complaints{TB: t}
	x := Start(c)
	client, server := net.Pipe()
	x.Own(client)
	x.Own(server)
	control := x.Begin(Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	x.Step("nothing happens")
	x.guardAgainstHang(time.Millisecond)
	assert.Error(t, control.Wait())
	assert.False(t, control.AssertStillWaiting())
	if assert.Len(t, c.of, 1) {
		assert.Contains(t, c.of[0], `not finished after 1 ms; the last step was "nothing happens"`)
	}
}

// The command that grades has a limit of its own, which a user may set to more than HangGuard.
func TestGuardLeavesHangsToTheCaller(t *testing.T) {
	c := &complaints{TB: t}
	x := Start(c)
	x.LeaveHangs()
	x.guardAgainstHang(time.Millisecond)
	assert.Empty(t, c.of)
	assert.False(t, x.IsOver())
}
