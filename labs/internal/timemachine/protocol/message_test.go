package protocol

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		require.NoError(t, w.Send(m))
	}
	require.NoError(t, w.Close())
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
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(said, got), "(-want +got)")
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
		require.NoError(t, w.Send(m))
		assert.Empty(t, cmp.Diff(m, <-came), "(-want +got)")
	}
}

func TestWhatTheKernelSaysIsNoMessage(t *testing.T) {
	_, err := received(strings.NewReader(kernelSays))
	assert.ErrorIs(t, err, ErrNoMessage)
}

func TestForeignBytesAmongMessagesAreNoticed(t *testing.T) {
	good := sent(t)
	for at := range good[:len(good)-1] {
		spoilt := bytes.Clone(good)
		spoilt[at] ^= 0x41
		got, err := received(bytes.NewReader(spoilt))
		assert.False(t, err == nil && !cmp.Equal(said, got), "byte %d was changed, and nobody noticed", at)
	}
	mixed := append(bytes.Clone(good[:len(good)/2]), kernelSays...)
	_, err := received(bytes.NewReader(append(mixed, good[len(good)/2:]...)))
	assert.Error(t, err)
}

func TestLineThatEndsBeforeDoneIsNoticed(t *testing.T) {
	good := sent(t)
	for end := range good {
		_, err := received(bytes.NewReader(good[:end]))
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "after %d of %d bytes", end, len(good))
	}
}

func TestErrorOfTheReceiverEndsIt(t *testing.T) {
	full := errors.New("the disk is full")
	err := Receive(bytes.NewReader(sent(t)), func(Message) error { return full })
	assert.ErrorIs(t, err, full)
}
