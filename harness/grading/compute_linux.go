package grading

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Compute computes until one processor has done so for that long, however busy the machine is: getrusage(2). What else
// computes all the time gets as much meanwhile.
func Compute(that time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for began := computed(); computed()-began < that; {
	}
}

// computed is for how long this thread has computed.
func computed() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
