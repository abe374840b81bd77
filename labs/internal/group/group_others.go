//go:build !unix

// Package group ends a command together with what it has started.
package group

import "os/exec"

// Of: there are no process groups here. The command alone is killed when its context ends.
func Of(*exec.Cmd) {}

// KillLeft: nothing is known of what a command has left.
func KillLeft(*exec.Cmd) {}
