//go:build !js

// Command inpage runs in a page, compiled to WebAssembly.
package main

func main() { panic("this is a program for a page: compile it with GOOS=js GOARCH=wasm") }
