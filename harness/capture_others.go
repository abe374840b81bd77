//go:build !linux

package harness

import (
	"errors"

	"socketlabs/harness/wire"
)

type tap struct{}

func openTap(func(wire.Frame)) (*tap, error) { return nil, errors.New(linuxMissing) }

func (*tap) drain() (lost uint64, err error) { return 0, nil }
