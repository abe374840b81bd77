// Package tab makes the machine that a web page runs the experiments on: a 32-bit PC in WebAssembly (v86), Debian's
// kernel, and a guest that holds the labs' test binaries and takes orders over a serial line. The machine is booted once,
// when it is made; a page goes on from the state that it had then.
//
//	parts.sh      gets v86, the BIOS and the kernel ("make machine")
//	parts.go      finds them
//	build.go      compiles the guest and the labs for a 32-bit PC
//	state.go      boots the machine in Node.js, and keeps its state
//	settings.mjs  what the machine has
package tab
