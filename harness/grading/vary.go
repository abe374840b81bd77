package grading

import (
	"math/rand/v2"
	"time"
)

// Between is a time that varies from run to run, in whole milliseconds.
func Between(least, most time.Duration) time.Duration {
	return (least + rand.N(most-least)).Round(time.Millisecond)
}

// Text is n letters that vary from run to run.
func Text(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[rand.N(len(letters))]
	}
	return string(text)
}

// Bytes is n bytes that vary from run to run, and that are not the same in any two places.
func Bytes(n int) []byte {
	data := make([]byte, n)
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(rand.Uint32())
	}
	rand.NewChaCha8(seed).Read(data)
	return data
}
