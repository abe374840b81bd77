// Package pagemachine makes the machine that a web page runs the experiments on: a 32-bit PC in WebAssembly (v86), Debian's
// kernel, and a guest that holds the labs' test binaries and takes orders over a serial line. The machine is booted once,
// when it is made; a page goes on from the state that it had then.
//
//	parts.sh     gets v86, the BIOS and the kernel ("make machine"); package.json says which v86
//	parts.go     finds them
//	build.go     compiles the guest and the labs for a 32-bit PC
//	state.go     has the machine booted, and keeps its state
//	save.mjs     boots it in Node.js
//	machine.mjs  what the machine has
package pagemachine
