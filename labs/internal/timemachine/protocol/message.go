package protocol

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Kind says what a message is about.
type Kind int

// The kinds of messages. The first is Booted, the last Done.
const (
	Booted   Kind = iota + 1 // Text is the kernel's release
	Output                   // Text is the next output of the tests of Package
	Artifact                 // Text is the content of the file Path, which a test of Package has left
	Ended                    // the tests of Package ended with Status; Text is the limit that has ended them, or empty
	Done                     // the last message; Text says what went wrong, or is empty
)

// Message is a message of the guest.
type Message struct {
	Kind    Kind
	Package string
	Path    string
	Text    []byte
	Status  int
}

// ErrNoMessage means that what came was not written by a Writer.
var ErrNoMessage = errors.New("this is not a message of the time machine's guest")

// Writer sends messages as one gzip stream. Such a stream has an unmistakable beginning, a checksum and an end,
// and it is small, which matters on a serial line.
type Writer struct {
	mu       sync.Mutex
	zip      *gzip.Writer
	messages *json.Encoder
}

// NewWriter returns a Writer that sends to line.
func NewWriter(line io.Writer) *Writer {
	zip, err := gzip.NewWriterLevel(line, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of gzip, so this can't happen
	}
	return &Writer{zip: zip, messages: json.NewEncoder(zip)}
}

// Send sends a message at once. Several goroutines may call it at the same time.
func (w *Writer) Send(m Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.messages.Encode(m); err != nil {
		return err
	}
	return w.zip.Flush()
}

// Close ends the stream.
func (w *Writer) Close() error { return w.zip.Close() }

// Receive reads messages up to Done, and calls each for every message as it comes. The error is ErrNoMessage if
// something else comes, and io.ErrUnexpectedEOF if the line ends before Done.
func Receive(line io.Reader, each func(Message) error) error {
	zip, err := gzip.NewReader(line)
	if err != nil {
		return noMessage(err)
	}
	messages := json.NewDecoder(zip)
	for {
		var m Message
		if err := messages.Decode(&m); err != nil {
			return noMessage(err)
		}
		if err := each(m); err != nil {
			return err
		}
		if m.Kind == Done {
			_, err := io.Copy(io.Discard, zip) // checks the checksum
			return noMessage(err)
		}
	}
}

func noMessage(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	default:
		return fmt.Errorf("%w: %w", ErrNoMessage, err)
	}
}
