package exercise

import (
	"encoding/binary"
	"io"
	"net"
	"time"
)

// MessageReader keeps how far io.ReadFull has come with a length, and with a body.
type MessageReader struct {
	Conn net.Conn

	length     [4]byte
	ofLength   int
	body       []byte // nil: its length isn't known yet
	ofBody     int
	isRejected bool
}

// Next returns the next message.
func (r *MessageReader) Next(patience time.Duration) (message []byte, err error) {
	if r.isRejected {
		return nil, ErrTooLong
	}
	r.Conn.SetReadDeadline(time.Now().Add(patience))
	defer func() { r.Conn.SetReadDeadline(time.Time{}) }()
	if r.body == nil {
		n, err := io.ReadFull(r.Conn, r.length[r.ofLength:])
		r.ofLength += n
		if err == io.EOF && r.ofLength > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(r.length[:])
		if size > MaxMessage {
			r.isRejected = true
			return nil, ErrTooLong
		}
		r.body = make([]byte, size)
	}
	n, err := io.ReadFull(r.Conn, r.body[r.ofBody:])
	r.ofBody += n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	message = r.body
	r.body, r.ofBody, r.ofLength = nil, 0, 0
	return message, nil
}
