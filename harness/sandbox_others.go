//go:build !linux

package harness

import "errors"

func onPrivateLoopback() bool { return false }

func enterPrivateLoopback() error {
	return errors.New("only Linux has network namespaces")
}
