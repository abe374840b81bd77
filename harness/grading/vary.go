package grading

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"socketlabs/harness"
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
func Bytes(n int) []byte { return NewData(n).Bytes() }

// Data is bytes that both processes can make: they need not cross over, which takes time.
type Data struct {
	Seed uint64
	Size int
}

// NewData is data that varies from run to run.
func NewData(size int) Data { return Data{rand.Uint64(), size} }

// Bytes is the data. They are not the same in any two places.
func (d Data) Bytes() []byte {
	data := make([]byte, d.Size)
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], d.Seed)
	rand.NewChaCha8(key).Read(data)
	return data
}

// Hosts are the loopback's addresses, in any order: one of each family that this machine has.
func Hosts() []netip.Addr {
	if harness.BothFamilies.Missing() != "" {
		return []netip.Addr{netip.MustParseAddrPort(harness.Loopback()).Addr()}
	}
	hosts := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	return hosts
}

// AnyHost is one of them.
func AnyHost() netip.Addr { return Hosts()[0] }
