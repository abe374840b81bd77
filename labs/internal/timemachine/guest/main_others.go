//go:build !linux

// Command guest runs in the time machine, on Linux.
package main

func main() { panic("this is a program for Linux") }
