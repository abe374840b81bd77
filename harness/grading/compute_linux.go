package grading

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Compute computes until this thread has used that much processor time, however busy the machine is: getrusage(2). Other
// threads that always compute get as much processor time meanwhile.
func Compute(that time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for began := computed(); computed()-began < that; {
	}
}

// computed returns how much processor time this thread has used.
func computed() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
