package protocol

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const kernelSays = "[    0.000000] Linux version 6.1.0 (debian-kernel@lists.debian.org)\r\n"

var said = []Message{
	{Kind: Booted, Text: []byte("6.1.0")},
	{Kind: Output, Package: "socketlabs/lab01_timeout", Text: []byte("\x16=== RUN   TestX\n" + kernelSays)},
	{Kind: Artifact, Package: "socketlabs/lab01_timeout", Path: "/artifacts/x/wire.pcapng", Text: bytes.Repeat([]byte{0, 10, 13, 255}, 200)},
	{Kind: Ended, Package: "socketlabs/lab01_timeout", Status: 1},
	{Kind: Done},
}

func sent(t *testing.T) []byte {
	t.Helper()
	var line bytes.Buffer
	w := NewWriter(&line)
	for _, m := range said {
		if err := w.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return line.Bytes()
}

func received(line io.Reader) (got []Message, err error) {
	err = Receive(line, func(m Message) error {
		got = append(got, m)
		return nil
	})
	return got, err
}

func TestMessagesComeAsTheyWereSent(t *testing.T) {
	got, err := received(bytes.NewReader(sent(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(said, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMessageComesBeforeTheNextIsSent(t *testing.T) {
	line, guest := io.Pipe()
	w := NewWriter(guest)
	came := make(chan Message)
	go Receive(line, func(m Message) error {
		came <- m
		return nil
	})
	for _, m := range said {
		if err := w.Send(m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, <-came); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestWhatTheKernelSaysIsNoMessage(t *testing.T) {
	if _, err := received(strings.NewReader(kernelSays)); !errors.Is(err, ErrNoMessage) {
		t.Errorf("the error is %v", err)
	}
}

func TestForeignBytesAmongMessagesAreNoticed(t *testing.T) {
	good := sent(t)
	for at := range good[:len(good)-1] {
		spoilt := bytes.Clone(good)
		spoilt[at] ^= 0x41
		if got, err := received(bytes.NewReader(spoilt)); err == nil && !cmp.Equal(said, got) {
			t.Errorf("byte %d was changed, and nobody noticed", at)
		}
	}
	mixed := append(bytes.Clone(good[:len(good)/2]), kernelSays...)
	if _, err := received(bytes.NewReader(append(mixed, good[len(good)/2:]...))); err == nil {
		t.Error("the kernel's words came between, and nobody noticed")
	}
}

func TestLineThatEndsBeforeDoneIsNoticed(t *testing.T) {
	good := sent(t)
	for end := range good {
		if _, err := received(bytes.NewReader(good[:end])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d of %d bytes, the error is %v", end, len(good), err)
		}
	}
}

func TestErrorOfTheReceiverEndsIt(t *testing.T) {
	full := errors.New("the disk is full")
	if err := Receive(bytes.NewReader(sent(t)), func(Message) error { return full }); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}
