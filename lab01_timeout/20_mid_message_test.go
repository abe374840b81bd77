package lab01_timeout

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// result is what a call returned: the message or the part that had arrived, and whether the call timed out.
type result struct {
	Got     string
	Timeout bool
}

// TestTimeoutInMidMessage: after a timeout in the middle of a message, Read of a TCP connection or a tls.Conn can go on, and
// so can ReadString of a bufio.Reader. A bufio.Scanner and a json.Decoder fail for good. io.ReadFull can't go on: called
// again, it treats the rest of the message as a new message.
//
// Claim: Beyond the chapter.
//
// Predict: a message begins with its length; io.ReadFull times out when half of the message has come; what does the next call read?
//   - [ ] the whole message
//   - [ ] nothing: it keeps the error
//   - [x] a part of the message, as the length of a new message
func TestTimeoutInMidMessage(t *testing.T) {
	t.Parallel()
	const patience = 300 * time.Millisecond
	const line = "transfer 1000\n"
	for _, reader := range []struct {
		name          string
		message       string
		over          func(*testing.T, *harness.Experiment, net.Conn, net.Conn) (client io.Reader, server io.Writer)
		call          func(io.Reader) func() (string, error) // returns a function that reads one message
		first, second result
	}{
		{"Read", line, overTCP, readLine, result{"transfe", true}, result{"r 1000\n", false}},
		{"bufio.Reader", line, overTCP, bufferedReader, result{"transfe", true}, result{"r 1000\n", false}},
		{"tls.Conn", line, overTLS, readLine, result{"", true}, result{line, false}},
		{"bufio.Scanner", line, overTCP, scanner, result{"transfe", false}, result{"", true}},
		{"io.ReadFull", "\x00\x00\x00\x0e" + line, overTCP, fullMessage, result{"", true}, result{"a message of 1717924384 bytes", false}},
		{"json.Decoder", `{"transfer": 1000}`, overTCP, jsonDecoder, result{"", true}, result{"", true}},
	} {
		t.Run(reader.name, func(t *testing.T) {
			x := harness.Start(t)
			reading, writing := peer.PairNoKeepalive(x)
			client, halves := &afterPart{Conn: reading}, &halfwayConn{Conn: writing}
			from, to := reader.over(t, x, client, halves)
			call := reader.call(from)
			ask := func() (r result) {
				got, err := call()
				x.Outcome(harness.Client, "%s: %q, %v", reader.name, got, err)
				return result{got, errors.Is(err, os.ErrDeadlineExceeded)}
			}

			x.Step("the server sends half of a message; the client waits %v for the rest", patience)
			halves.stops = true
			_, err := io.WriteString(to, reader.message)
			require.NoError(t, err)
			client.left = halves.sent
			client.then = func() error { return reading.SetReadDeadline(time.Now().Add(patience)) }
			got := []result{ask()}

			x.Step("the other half comes, and the client, with no deadline, makes the same call again")
			halves.sendRest(t)
			require.NoError(t, client.SetReadDeadline(noDeadline))
			got = append(got, ask())
			if diff := cmp.Diff([]result{reader.first, reader.second}, got); diff != "" {
				t.Errorf("what %s returned, first in mid-message, then with the rest (-want +got):\n%s", reader.name, diff)
			}
		})
	}
}

// TestTimedOutWriteBreaksWriters: after a write that timed out, a TCP connection can write again once its deadline is
// cleared. A bufio.Writer and a tls.Conn fail for good, even if the kernel took nothing.
//
// Claim: Beyond the chapter.
//
// Source: TestTLSWriteTimesOutInMidRecord shows what the peer of a tls.Conn gets if the timeout cuts a record off.
func TestTimedOutWriteBreaksWriters(t *testing.T) {
	t.Parallel()
	for _, writer := range []struct {
		name  string
		over  func(*testing.T, *harness.Experiment, net.Conn, net.Conn) (server io.Reader, client io.Writer)
		fails bool
	}{
		{"net.TCPConn", overTCP, false},
		{"bufio.Writer", buffered, true},
		{"tls.Conn", overTLS, true},
	} {
		t.Run(writer.name, func(t *testing.T) {
			x := harness.Start(t)
			client, server := peer.PairNoKeepalive(x)
			from, to := writer.over(t, x, server, client)
			write := func(text string) error {
				_, err := io.WriteString(to, text)
				if flusher, ok := to.(*bufio.Writer); ok && err == nil {
					err = flusher.Flush()
				}
				x.Outcome(harness.Client, "write %q: %v", text, err)
				return err
			}

			x.Step("the client writes after its deadline, and again with no deadline")
			require.NoError(t, client.SetWriteDeadline(inThePast))
			require.ErrorIs(t, write("late"), os.ErrDeadlineExceeded)
			require.NoError(t, client.SetWriteDeadline(noDeadline))
			err := write("again")
			if writer.fails {
				assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
				return
			}
			require.NoError(t, err)
			got := make([]byte, len("again"))
			_, err = io.ReadFull(from, got)
			x.Outcome(harness.Server, "Read: %q, %v", got, err)
			assert.Equal(t, "again", string(got))
		})
	}
}

// halfwayConn writes only the first half of a message if stops is set. sendRest writes the other half later.
type halfwayConn struct {
	net.Conn
	stops bool
	sent  int // bytes of the first half
	rest  []byte
}

func (c *halfwayConn) Write(message []byte) (int, error) {
	if !c.stops {
		return c.Conn.Write(message)
	}
	half := len(message) / 2
	c.sent, c.rest = half, append(c.rest, message[half:]...)
	_, err := c.Conn.Write(message[:half])
	return len(message), err
}

func (c *halfwayConn) sendRest(t *testing.T) {
	_, err := c.Conn.Write(c.rest)
	require.NoError(t, err)
}

func overTCP(_ *testing.T, _ *harness.Experiment, reader, writer net.Conn) (io.Reader, io.Writer) {
	return reader, writer
}

func buffered(_ *testing.T, _ *harness.Experiment, reader, writer net.Conn) (io.Reader, io.Writer) {
	return reader, bufio.NewWriter(writer)
}

// readLine reads until a line is whole, or until a read fails. It returns what has arrived.
func readLine(from io.Reader) func() (string, error) {
	return func() (got string, err error) {
		for buf := make([]byte, 64); ; {
			n, err := from.Read(buf)
			got += string(buf[:n])
			if err != nil || n > 0 && buf[n-1] == '\n' {
				return got, err
			}
		}
	}
}

func bufferedReader(from io.Reader) func() (string, error) {
	reader := bufio.NewReader(from)
	return func() (string, error) { return reader.ReadString('\n') }
}

// scanner asks for the error only after Scan has returned false, as programs that read files do.
func scanner(from io.Reader) func() (string, error) {
	lines := bufio.NewScanner(from)
	return func() (string, error) {
		if lines.Scan() {
			return lines.Text(), nil
		}
		return "", lines.Err()
	}
}

func fullMessage(from io.Reader) func() (string, error) {
	const longest = 1 << 20
	return func() (string, error) {
		var length uint32
		if err := binary.Read(from, binary.BigEndian, &length); err != nil { // binary.Read calls io.ReadFull
			return "", err
		}
		if length > longest {
			return fmt.Sprintf("a message of %d bytes", length), nil
		}
		message := make([]byte, length)
		_, err := io.ReadFull(from, message)
		if err != nil {
			return "", err
		}
		return string(message), nil
	}
}

func jsonDecoder(from io.Reader) func() (string, error) {
	decoder := json.NewDecoder(from)
	return func() (string, error) {
		var message struct{ Transfer int }
		if err := decoder.Decode(&message); err != nil {
			return "", err
		}
		return fmt.Sprint(message.Transfer), nil
	}
}
