// Package pagemachine makes the machine that a web page runs the experiments on: a 32-bit PC in WebAssembly (v86), Debian's
// kernel, and a guest that has the labs' test binaries and takes orders over a serial line. The machine boots once, when it
// is made, and its state is saved. A page continues from that state.
//
//	parts.sh     gets v86, the BIOS and the kernel ("make machine"); package.json says which v86
//	parts.go     finds them
//	build.go     compiles the guest and the labs for a 32-bit PC
//	state.go     saves the state of the machine after its boot
//	save.mjs     boots the machine in Node.js
//	machine.mjs  the configuration of the machine
package pagemachine
