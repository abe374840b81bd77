//go:build !linux

package timemachine

import "os/exec"

func dieWithUs(*exec.Cmd) {}
