// Package timemachine runs the labs' test binaries on other kernels, in virtual time: hours in seconds.
//
// QEMU emulates a whole machine. The machine's clock advances by its instructions: each takes the same number of
// nanoseconds. While the machine waits for a timer, it computes nothing, and the clock jumps to the moment when
// the timer expires. The kernel is a stock kernel and does not notice: its two hours are two hours of its own
// clock. The machine has no network and no disk. It needs no privileges: neither root nor /dev/kvm.
package timemachine
