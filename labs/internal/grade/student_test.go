package grade

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// student is an exercise.go with a right AskWithin. The tests fill in the beginning of SendAll.
const student = `package exercise

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

type PatientConn struct{ net.Conn; Timeout time.Duration }

func (c *PatientConn) Read(buf []byte) (int, error) { panic(notBegun) }
func (c *PatientConn) SetReadDeadline(deadline time.Time) error { panic(notBegun) }

type MessageReader struct{ Conn net.Conn }

func (r *MessageReader) Next(time.Duration) ([]byte, error) { panic(notBegun) }

func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	deadline := time.Now().Add(budget)
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	return io.ReadAll(conn)
}

var keep []any
var _ = fmt.Print
var _ = os.Exit
var _ = exec.Command
var _ = syscall.Exit

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	%s
	return right(conn, data, patience, goOn)
}

func right(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for {
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return sent, err
		}
		n, err := conn.Write(data[sent:])
		sent += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
`

// writeStudent writes the file to a student's folder.
func writeStudent(t *testing.T, folder, source string) {
	t.Helper()
	path := filepath.Join(folder, "lab01_timeout", "exercise", "exercise.go")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	require.NoError(t, os.WriteFile(path, []byte(source), 0o666))
}
