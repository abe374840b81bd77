//go:build !linux

package wire

import (
	"errors"

	"socketlabs/harness/internal/system"
)

type tap struct{}

func openTap(func(Frame)) (*tap, error) { return nil, errors.New(system.LinuxMissing) }

func (*tap) drain() (lost uint64, err error) { return 0, nil }
