// Package refuse makes the kernel refuse system calls of one thread, or tell of them: seccomp(2). So a test sees what
// a program does when a call fails that hardly ever fails.
package refuse
