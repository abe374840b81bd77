// Package timemachine runs the labs' test binaries on other kernels, in virtual time: hours in seconds.
//
// QEMU computes the instructions of a whole machine and lets its clock tick by them: the same number of
// nanoseconds for each. While the machine waits for a timer, it computes nothing, and the clock jumps to
// the moment when the timer expires. The kernel is a stock one and notices none of it: its two hours are two
// hours of its own clock. The machine has no network and no disk, and it needs no rights: neither root
// nor /dev/kvm.
package timemachine
