package exercise

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"time"
)

// MessageReader peeks at what a bufio.Reader holds, which loses nothing at a timeout.
type MessageReader struct {
	Conn  net.Conn
	lines *bufio.Reader
}

// messageReaderSteady leaves out errors that come with bytes: the next read has them, too, and a bufio.Reader would keep a timeout for
// the next call of Next.
type messageReaderSteady struct{ net.Conn }

func (s messageReaderSteady) Read(buf []byte) (int, error) {
	n, err := s.Conn.Read(buf)
	if n > 0 {
		err = nil
	}
	return n, err
}

// Next returns the next message.
func (r *MessageReader) Next(patience time.Duration) ([]byte, error) {
	const header = 4
	if r.lines == nil {
		r.lines = bufio.NewReaderSize(messageReaderSteady{r.Conn}, header+MaxMessage)
	}
	if err := r.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	defer r.Conn.SetReadDeadline(time.Time{})
	length, err := r.lines.Peek(header)
	if err != nil {
		return nil, messageEnd(length, err)
	}
	n := binary.BigEndian.Uint32(length)
	if n > MaxMessage {
		return nil, ErrTooLong
	}
	whole, err := r.lines.Peek(header + int(n))
	if err != nil {
		return nil, messageEnd(whole, err)
	}
	message := make([]byte, n)
	copy(message, whole[header:])
	_, err = r.lines.Discard(len(whole))
	return message, err
}

func messageEnd(came []byte, err error) error {
	if err == io.EOF && len(came) > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}
