package grading

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"socketlabs/harness"
)

// Between returns a duration that varies from run to run, in whole milliseconds.
func Between(least, most time.Duration) time.Duration {
	return (least + rand.N(most-least)).Round(time.Millisecond)
}

// Text returns n letters that vary from run to run.
func Text(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[rand.N(len(letters))]
	}
	return string(text)
}

// Bytes returns n bytes that vary from run to run. No part of them repeats, so that swapped parts are noticed.
func Bytes(n int) []byte { return NewData(n).Bytes() }

// Data describes bytes that both processes can make. So the bytes need not be sent, which would take time.
type Data struct {
	Seed uint64
	Size int
}

// NewData returns data that varies from run to run.
func NewData(size int) Data { return Data{rand.Uint64(), size} }

// Bytes returns the bytes. No part of them repeats.
func (d Data) Bytes() []byte {
	data := make([]byte, d.Size)
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], d.Seed)
	rand.NewChaCha8(key).Read(data)
	return data
}

// Hosts returns the loopback's addresses, in random order: one for each family that this machine has.
func Hosts() []netip.Addr {
	if harness.BothFamilies.Missing() != "" {
		return []netip.Addr{netip.MustParseAddrPort(harness.Loopback()).Addr()}
	}
	hosts := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	return hosts
}

// AnyHost returns one of the Hosts.
func AnyHost() netip.Addr { return Hosts()[0] }
