package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// The constants of pcapng: draft-ietf-opsawg-pcapng, sections 3 and 4.
const (
	sectionBlock, interfaceBlock, packetBlock   = 0x0a0d0d0a, 1, 6
	commentOption, nameOption, resolutionOption = 1, 2, 9
	littleEndian, version, ethernet, noLimit    = 0x1a2b3c4d, 1, 1, 0
	lengthUnknown, firstInterface, nanoseconds  = math.MaxUint32, 0, "\x09"
)

// WritePcapng writes frames to a file for Wireshark and tshark, each with a comment.
func WritePcapng(w io.Writer, title string, frames []Frame, comments []string) error {
	file := appendBlock(nil, sectionBlock, words(littleEndian, version, lengthUnknown, lengthUnknown), option{commentOption, title})
	file = appendBlock(file, interfaceBlock, words(ethernet, noLimit), option{nameOption, "lo"}, option{resolutionOption, nanoseconds})
	for i, f := range frames {
		stamp := uint64(f.Stamp.UnixNano())
		packet := words(firstInterface, uint32(stamp>>32), uint32(stamp), uint32(len(f.Data)), uint32(f.Whole))
		file = appendBlock(file, packetBlock, append(packet, f.Data...), option{commentOption, comments[i]})
	}
	if _, err := w.Write(file); err != nil {
		return fmt.Errorf("wire: write: %w", err)
	}
	return nil
}

type option struct {
	code uint16
	text string
}

// appendBlock appends a block. The block's length is written at both of its ends.
func appendBlock(file []byte, kind uint32, body []byte, options ...option) []byte {
	body = padded(body)
	for _, o := range options {
		body = append(body, words(uint32(len(o.text))<<16|uint32(o.code))...)
		body = padded(append(body, o.text...))
	}
	body = append(body, words(0)...) // the end of the options
	length := uint32(4 + 4 + len(body) + 4)
	file = append(file, words(kind, length)...)
	file = append(file, body...)
	return append(file, words(length)...)
}

func words(values ...uint32) (bytes []byte) {
	for _, v := range values {
		bytes = binary.LittleEndian.AppendUint32(bytes, v)
	}
	return bytes
}

// padded appends zeros until the last word is full.
func padded(bytes []byte) []byte {
	for len(bytes)%4 != 0 {
		bytes = append(bytes, 0)
	}
	return bytes
}
