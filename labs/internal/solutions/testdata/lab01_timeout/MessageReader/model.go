package exercise

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// MessageReader keeps what has come, and is no whole message yet.
type MessageReader struct {
	Conn net.Conn

	came []byte
	end  error // of the stream
}

// Next returns the next message.
func (r *MessageReader) Next(patience time.Duration) ([]byte, error) {
	r.Conn.SetReadDeadline(time.Now().Add(patience))
	defer r.Conn.SetReadDeadline(time.Time{})
	buf := make([]byte, 32<<10)
	for {
		message, err := r.take()
		if message != nil || err != nil {
			return message, err
		}
		if r.end != nil {
			return nil, r.end
		}
		n, err := r.Conn.Read(buf)
		r.came = append(r.came, buf[:n]...)
		switch {
		case n > 0 && errors.Is(err, os.ErrDeadlineExceeded): // the next read says so again
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, err
		default:
			r.end = err
		}
	}
}

// take takes a whole message from what has come. It gives nil if there is none.
func (r *MessageReader) take() ([]byte, error) {
	const length = 4
	if len(r.came) >= length {
		n := binary.BigEndian.Uint32(r.came)
		if n > MaxMessage {
			return nil, ErrTooLong
		}
		if whole := length + int(n); len(r.came) >= whole {
			message := append([]byte{}, r.came[length:whole]...)
			r.came = r.came[whole:]
			return message, nil
		}
	}
	if len(r.came) > 0 && r.end == io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return nil, nil
}
