// Package refuse makes system calls of one thread fail, or reports them, with seccomp(2). So a test sees what a program
// does when a call that hardly ever fails does fail.
package refuse
